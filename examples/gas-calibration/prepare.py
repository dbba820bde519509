#!/usr/bin/env python3
"""Makes data/station.csv of the published table: short names, and gaps as empty cells in place of -200.

    prepare.py AirQuality.csv data/station.csv

Takes the file as UCI offers it (separator ;, decimal comma) and copies of it with commas and decimal points.
"""
import csv
import sys

COLUMNS = {"PT08.S1(CO)": "s1", "PT08.S2(NMHC)": "s2", "PT08.S3(NOx)": "s3", "PT08.S4(NO2)": "s4", "PT08.S5(O3)": "s5",
           "T": "temperature_c", "RH": "humidity_percent", "CO(GT)": "co_reference_mg_m3"}
GAP = -200


def cell(text, comma):
    value = float(text.replace(",", ".") if comma else text)
    return "" if value <= GAP else f"{value:.2f}".rstrip("0").rstrip(".")


def main():
    source, target = sys.argv[1:3]
    with open(source, newline="", encoding="utf-8-sig") as file:
        comma = ";" in file.readline()
        file.seek(0)
        rows = [row for row in csv.DictReader(file, delimiter=";" if comma else ",") if row["T"]]
    with open(target, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS.values())
        writer.writerows([cell(row[name], comma) for name in COLUMNS] for row in rows)
    print(f"{len(rows)} hours")


if __name__ == "__main__":
    main()

"""Tests of the seed; cases of the MQTT specification and traps. Regular expressions that let + be empty text across levels, or # need a level, fail."""
import pytest


@pytest.mark.parametrize("pattern,topic,wanted", [
    ("sport/tennis/player1/#", "sport/tennis/player1", True), ("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", True),
    ("sport/#", "sport", True), ("sport/#", "sport/", True), ("sport/#", "sports", False), ("#", "a/b", True), ("#", "/", True),
    ("sport/tennis/+", "sport/tennis/player1", True), ("sport/tennis/+", "sport/tennis/player1/ranking", False),
    ("sport/+", "sport", False), ("sport/+", "sport/", True), ("+/+", "/finance", True), ("/+", "/finance", True), ("+", "/finance", False),
    ("+/tennis/#", "sport/tennis", True), ("a/+/c", "a/b/c", True), ("a/+/c", "a/b/x/c", False), ("a/b", "a/B", False),
    ("a//b", "a//b", True), ("a/+/b", "a//b", True), ("a.b", "axb", False), ("a/b/#", "a", False)])
def test_specification(subject, pattern, topic, wanted):
    assert subject([pattern], topic) == ([pattern] if wanted else [])


def test_dollar_topics(subject):
    filters = ["#", "+/monitor/Clients", "+/#", "$SYS/#", "$SYS/monitor/+", "$SYS/+/Clients"]
    assert subject(filters, "$SYS/monitor/Clients") == filters[3:]
    assert subject(["#", "a/+"], "a/$b") == ["#", "a/+"]


def test_order_and_repeats(subject):
    assert subject(["b/#", "a/b", "a/+", "a/b", "#"], "a/b") == ["a/b", "a/+", "a/b", "#"]
    assert subject([], "a") == []


@pytest.mark.parametrize("pattern", ["", "sport/tennis#", "sport/tennis/#/ranking", "sport+", "a/+b/c", "#/a", "##", "+#"])
def test_wrong_filters(subject, pattern):
    with pytest.raises(ValueError):
        subject(["#", pattern], "x/y")


@pytest.mark.parametrize("topic", ["", "a/+", "a/#", "a#b"])
def test_wrong_topics(subject, topic):
    with pytest.raises(ValueError):
        subject(["#"], topic)

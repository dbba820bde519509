# Step 3: SQLite, static, from the amalgamation inside the sdist of arize-phoenix-sqlean, which carries it as sqlite.org
# has it, but for five lines at its end that start that package's extensions; they are cut off. Debian 12 has 3.40, with
# the WAL-reset bug (mended in 3.51.3).

sqlite_version=3.54.1
sqlite_sdist_version=0.2.1
sqlite_sha256=6aa253f3839bc7f2bff2f2be16505e99ce87670b77b3d4a15594e1f7759b367d
# What sqlite.org recommends (compile.html, security.html), and FTS5. Not SQLITE_OMIT_PROGRESS_CALLBACK: a long search
# can be stopped.
sqlite_options=(-O2 -DNDEBUG -DSQLITE_ENABLE_FTS5 -DSQLITE_THREADSAFE=1 -DSQLITE_DQS=0 -DSQLITE_OMIT_LOAD_EXTENSION
  -DSQLITE_DEFAULT_WAL_SYNCHRONOUS=1 -DSQLITE_MAX_EXPR_DEPTH=0 -DSQLITE_DEFAULT_MEMSTATUS=0
  -DSQLITE_LIKE_DOESNT_MATCH_BLOBS -DSQLITE_OMIT_DECLTYPE -DSQLITE_OMIT_DEPRECATED -DSQLITE_OMIT_SHARED_CACHE
  -DSQLITE_USE_ALLOCA -DSQLITE_STRICT_SUBTYPE=1 -DSQLITE_TRUSTED_SCHEMA=0)

# The folder in the cache: another source, compiler or option gives another one.
# GPIOT_SQLITE, a prefix with include/sqlite3.h and the library, is taken as it is.
sqlite_prefix() {
  if [ -n "${GPIOT_SQLITE:-}" ]; then echo "$GPIOT_SQLITE"; return; fi
  local key
  key=$({ echo "$sqlite_sha256 ${sqlite_options[*]}"; g++ -dumpfullversion 2>/dev/null; } | sha256sum)
  echo "$cache/deps/sqlite-${key:0:16}"
}

sqlite_done() { command -v g++ >/dev/null && [ -f "$(sqlite_prefix)/include/sqlite3.h" ]; }
sqlite_plan() {
  echo "SQLite $sqlite_version from source (4 MB, public domain), out of arize-phoenix-sqlean $sqlite_sdist_version" \
    "fetched by pip, checked by its hash; it holds the knowledge base"
}
sqlite_cost() { echo "4 20 40"; }

sqlite_run() {
  local prefix build sdist folder=arize_phoenix_sqlean-$sqlite_sdist_version
  [ -z "${GPIOT_SQLITE:-}" ] || fail "no SQLite in GPIOT_SQLITE: $GPIOT_SQLITE/include/sqlite3.h is not there" \
    "give it a prefix with include/sqlite3.h and the library, or leave it out"
  prefix=$(sqlite_prefix)
  build=$prefix.build
  sdist=$cache/downloads/$folder.tar.gz
  fetch_sdist arize-phoenix-sqlean "$sqlite_sdist_version" "$sqlite_sha256" "$sdist" "4 MB"
  rm -rf "$build" "$prefix.new"
  mkdir -p "$build" "$prefix.new/include" "$prefix.new/lib"
  logged "unpacking SQLite" "rm $sdist" tar -xzf "$sdist" -C "$build" --strip-components=2 \
    "$folder/sqlite/sqlite3.c" "$folder/sqlite/sqlite3.h"
  sed -i '/^\/\*\** End of sqlite3\.c \**\/$/q' "$build/sqlite3.c"
  logged "compiling SQLite (about 40 s)" "free some memory" \
    ccache gcc -c "${sqlite_options[@]}" "$build/sqlite3.c" -o "$build/sqlite3.o"
  logged "installing SQLite" "rm -r $prefix.new" ar rcs "$prefix.new/lib/libsqlite3.a" "$build/sqlite3.o"
  cp "$build/sqlite3.h" "$prefix.new/include/"
  rm -rf "$prefix"
  mv "$prefix.new" "$prefix"
  rm -rf "$build"
}

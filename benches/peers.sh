#!/usr/bin/env bash
# The binary against cat, sd, ripgrep, perl and sed, over the same files.
#
#   benches/peers.sh            256 MiB a file, medians of 7 rounds
#   benches/peers.sh --quick    32 MiB, 3 rounds
#   benches/peers.sh --strict   exit 1 when a bar of the project is missed
#
# Every round runs each command once, and begins with another one: whatever
# slows the machine down for a while slows all of them. The outputs are
# compared before anything is timed. Prints Markdown.
set -euo pipefail

size=256M rounds=7 line_mib=1024 strict=0
for arg in "$@"; do
  case $arg in
    --quick) size=32M rounds=3 line_mib=64 ;;
    --strict) strict=1 ;;
    -h | --help)
      sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0"
      exit 0
      ;;
    *)
      echo "peers.sh: unknown option $arg" >&2
      exit 2
      ;;
  esac
done

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
work=$(mktemp -d "${TMPDIR:-/tmp}/dtmask-peers.XXXXXX")
trap 'rm -rf "$work"' EXIT

say() { echo "$*" >&2; }

# need COMMAND PACKAGE: installs the Debian package when the command is missing.
updated=0
need() {
  command -v "$1" >/dev/null && return
  say "installing $2"
  local as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  if ((!updated)); then
    "${as_root[@]}" apt-get update -qq >&2
    updated=1
  fi
  "${as_root[@]}" apt-get install -y -qq "$2" >&2
}

need hyperfine hyperfine
need rg ripgrep
need perl perl
need sed sed
need /usr/bin/time time
if ! command -v sd >/dev/null; then
  [ -x "$target/peers/bin/sd" ] || cargo install --quiet --locked --root "$target/peers" sd
  PATH=$PATH:$target/peers/bin
fi

say "building"
cargo build --quiet --release --manifest-path "$root/Cargo.toml" -p dtmask
cargo build --quiet --release --manifest-path "$root/Cargo.toml" -p benches --example corpus
# By name, so that the tables read well.
PATH=$target/release:$PATH
corpus=$target/release/examples/corpus

for name in clean sparse dense; do
  "$corpus" "$name" "$size" >"$work/$name"
done

# All peers at their best settings for this work: bytes instead of characters,
# one group or none, and no work that the others do not do.
export LC_ALL=C
export KEEP='dt0[a-zA-Z][0-9]{2}\.[A-Z0-9]{24}\.' SECRET='[A-Z0-9]{64}'
MASK=$(printf '%064d' 0 | tr 0 '*')
export MASK

names=("dtmask --profile published" dtmask cat sd ripgrep perl "perl -0777" sed)
# The shell of hyperfine expands these, not this one.
# shellcheck disable=SC2016
commands=(
  'dtmask --profile published'
  'dtmask'
  'cat'
  'sd "(?-u)($KEEP)$SECRET" "\${1}$MASK"'
  'rg --no-config --passthru --text --no-unicode --no-line-number --color never -r "\${1}$MASK" "($KEEP)$SECRET"'
  'perl -pe "s/$KEEP\K$SECRET/$MASK/g"'
  # No filter: it prints nothing before it has read everything, as sd does. Told, not judged.
  'perl -0777 -pe "s/$KEEP\K$SECRET/$MASK/g"'
  'sed -E "s/($KEEP)$SECRET/\\1$MASK/g"'
)

say "comparing the outputs"
for name in clean sparse dense; do
  for i in "${!names[@]}"; do
    [ "${names[i]}" = cat ] && continue
    # ripgrep ends with 1 when nothing matched; the bytes are what counts.
    if ! { sh -c "${commands[i]}" <"$work/$name" || true; } | cmp - <(dtmask --profile published <"$work/$name"); then
      say "peers.sh: the output of ${names[i]} differs on $name"
      exit 1
    fi
  done
done
if cmp -s "$work/dense" <(dtmask --profile published <"$work/dense"); then
  say "peers.sh: dtmask masked nothing"
  exit 1
fi

# race GROUP OPTION... -- NAME COMMAND [NAME COMMAND]...: `rounds` rounds of all
# commands; each adds a line of group, name and seconds to the times.
race() {
  local group=$1 options=() entries=() round turn at count
  shift
  while [ "$1" != -- ]; do
    options+=("$1")
    shift
  done
  shift
  entries=("$@")
  count=$((${#entries[@]} / 2))
  say "timing $group"
  for ((round = 0; round < rounds; round++)); do
    local run=()
    for ((turn = 0; turn < count; turn++)); do
      at=$(((round + turn) % count * 2))
      run+=(-n "${entries[at]}" "${entries[at + 1]}")
    done
    # Its advice on outliers is what the medians are for; its errors are told.
    if ! hyperfine --style none "${options[@]}" --export-csv "$work/round.csv" "${run[@]}" >"$work/log" 2>&1; then
      cat "$work/log" >&2
      exit 1
    fi
    awk -F, -v group="$group" 'NR > 1 { print group "\t" $1 "\t" $4 }' "$work/round.csv" >>"$work/times"
  done
}

# median GROUP NAME: the median of its rounds, in seconds.
median() {
  awk -F'\t' -v group="$1" -v name="$2" '$1 == group && $2 == name { print $3 }' "$work/times" | sort -g |
    awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

divide() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }
seconds() { awk -v a="$1" 'BEGIN { printf "%.3f", a }'; }

# A regular file in, and out what costs nothing (it is /dev/null that hyperfine gives):
# what the programs take themselves. Then a pipe out, which costs all of them the same.
for name in clean dense; do
  alone=() piped=()
  for i in "${!names[@]}"; do
    alone+=("${names[i]}" "${commands[i]} <'$work/$name'")
    piped+=("${names[i]}" "${commands[i]} <'$work/$name' | cat >/dev/null")
  done
  # ripgrep ends with 1 when nothing matched.
  race "alone $name" --shell sh --runs 1 --ignore-failure -- "${alone[@]}"
  race "piped $name" --shell sh --runs 1 -- "${piped[@]}"
done
# A pipe in, a pipe out: what a filter is for.
for name in clean sparse dense; do
  race "pipe $name" --shell sh --runs 1 -- \
    cat "cat '$work/$name' | cat | cat >/dev/null" \
    dtmask "cat '$work/$name' | dtmask | cat >/dev/null"
done
# Without a word on it hyperfine opens /dev/null as the standard input.
race start -N --warmup 5 --runs 100 -- cat cat dtmask dtmask

# peak: the most memory that dtmask had while it masked its standard input, in KiB.
peak() {
  /usr/bin/time -f %M -o "$work/peak" dtmask >/dev/null
  tail -n 1 "$work/peak"
}

say "measuring memory on a line of $line_mib MiB"
"$corpus" tokens-glued 1M >"$work/glued"
letters=$(head -c "${line_mib}M" /dev/zero | tr '\0' x | peak)
tokens=$(for ((i = 0; i < line_mib; i++)); do cat "$work/glued"; done | peak)

# table WHERE GROUP: what each command took, and that by what ours did.
table() {
  local name label clean dense ours
  ours=("$(median "$2 clean" "${names[0]}")" "$(median "$2 dense" "${names[0]}")")
  echo "The published expression over ${size}iB, from a file $1; medians of $rounds interleaved rounds."
  echo
  echo "| command | clean, s | times dtmask | a token a line, s | times dtmask |"
  echo "|---|---:|---:|---:|---:|"
  for name in "${names[@]}"; do
    label=$name
    [ "$name" = dtmask ] && label="dtmask (default rules)"
    clean=$(median "$2 clean" "$name") dense=$(median "$2 dense" "$name")
    echo "| $label | $(seconds "$clean") | $(divide "$clean" "${ours[0]}") | $(seconds "$dense") | $(divide "$dense" "${ours[1]}") |"
  done
  echo
}
table "to \`/dev/null\`" alone
table "into a pipe" piped

missed=0
# bar WHAT MEASURED WORD LIMIT UNIT
bar() {
  local verdict=holds
  if ! awk -v m="$2" -v w="$3" -v l="$4" 'BEGIN { exit !(w == "least" ? m >= l : m <= l) }'; then
    verdict='**missed**' missed=1
  fi
  echo "| $1 | $2$5 | at $3 $4$5 | $verdict |"
}

echo "| bar | measured | asked for | |"
echo "|---|---:|---:|---|"
for pair in "sd 2.5" "ripgrep 4" "perl 4" "sed 6"; do
  read -r name limit <<<"$pair"
  for group in clean dense; do
    bar "published, $group: time of $name by ours" \
      "$(divide "$(median "alone $group" "$name")" "$(median "alone $group" "${names[0]}")")" least "$limit" " ×"
  done
done
for pair in "clean 0.8" "sparse 0.7" "dense 0.45"; do
  read -r name limit <<<"$pair"
  bar "default, pipe to pipe, $name: speed by that of cat" \
    "$(divide "$(median "pipe $name" cat)" "$(median "pipe $name" dtmask)")" least "$limit" " ×"
done
bar "no input: time by that of cat" "$(divide "$(median start dtmask)" "$(median start cat)")" most 2 " ×"
bar "peak memory, a line of $line_mib MiB of letters" "$(divide "$letters" 1024)" most 6 " MiB"
bar "peak memory, a line of $line_mib MiB of tokens" "$(divide "$tokens" 1024)" most 6 " MiB"

[ $strict = 0 ] || exit $missed

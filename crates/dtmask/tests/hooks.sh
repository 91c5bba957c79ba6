#!/usr/bin/env bash
# The hooks with the programs that run them, and the snippets of docs/ci.md against the
# schemas of their readers: git-secrets (a Debian package), pre-commit and
# check-jsonschema (of PyPI). .ci/run installs them.
#
# Usage: hooks.sh DTMASK [BIN]
#   BIN is where pre-commit and check-jsonschema are, if not in the PATH.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
dtmask=$(realpath "${1:?usage: hooks.sh DTMASK [BIN]}")
if [[ -n ${2:-} ]]; then
  PATH="$(realpath "$2"):$PATH"
fi

need() {
  command -v "$1" >/dev/null || {
    echo "hooks.sh needs $1: $2" >&2
    exit 2
  }
}
need git 'install git'
need git-secrets 'apt-get install git-secrets'
need pre-commit 'pip install pre-commit'
need check-jsonschema 'pip install check-jsonschema'

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
ln -s "$dtmask" "$work/bin/dtmask"
export PATH="$work/bin:$PATH" HOME="$work" PRE_COMMIT_HOME="$work/cache"
export GIT_CONFIG_NOSYSTEM=1
unset GIT_DIR GIT_INDEX_FILE GIT_WORK_TREE
git config --global user.name nobody
git config --global user.email nobody@example.com
git config --global init.defaultBranch main

# No complete token stands in this file.
public=FAKEPUBLICFAKEPUBLIC2345
secret=FAKESECRETDONOTUSEABCDEFGHIJKLMNOPQRSTUVWXYZ234567ZYXWVUTSRQPONM
token="dt0c01.$public.$secret"
tenant="dt0a02.FAKEtenantTok3n0"0000ABCD
lower=$(printf 'fa4e5ec2%.0s' 1 2 3 4 5 6 7 8)

passed=0
failed=0
# expect NAME passes|stops COMMAND...
expect() {
  local name=$1 expected=$2 actual=passes
  shift 2
  "$@" >"$work/said" 2>&1 || actual=stops
  # Not for another reason.
  if [[ $actual == stops ]] && ! grep -q "$reason" "$work/said"; then
    actual=breaks
  fi
  if [[ $actual == "$expected" ]]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED: $name: $actual, and should not"
    sed 's/^/    /' "$work/said"
  fi
}
commits() { # commits CONTENT: a commit of a file with this content
  printf '%s\n' "$1" >file
  git add file
  git commit --quiet --message x
}

echo '-- git-secrets'
reason='Matched one or more prohibited patterns'
git init --quiet "$work/secrets"
cd "$work/secrets"
git secrets --install >/dev/null
git secrets --add-provider -- dtmask patterns
# Names that an expression without quotes could be taken for.
touch 'dt0' 'a[b]c' 'x y'
expect 'a clean file' passes commits 'nothing'
expect 'an identifier' passes commits "dt.auth.origin=dt0c01.$public"
expect 'a masked token' passes commits "dt0c01.$public.$(printf '*%.0s' {1..64})"
expect 'half a token' passes commits "dt0c01.$public.${secret:0:60}"
expect 'a token' stops commits "$token"
expect 'a token glued to words' stops commits "x_${token}Y_z"
expect 'an encoded token' stops commits "a%20dt0c01%2E$public%2E$secret"
expect 'an escaped token' stops commits "dt0c01\\u002e$public\\u002E$secret"
expect 'a short identifier' stops commits "dt0s16.FAKEPUB2.$secret"
expect 'a named identifier' stops commits "dt0s02.dt-app-local.$secret"
expect 'a secret in lower case' stops commits "dt0a01.abc12345.$lower"
expect 'a tenant token' stops commits "latest/$tenant/x"
expect 'a tenant token that is cut off' passes commits "${tenant:0:25}"
# The same by way of grep, which is how files are scanned that are named.
printf '%s\n' "x_$token" >named
expect 'a file that is named' stops git secrets --scan named
printf '%s\n' "dt0c01.$public" >named
expect 'a clean file that is named' passes git secrets --scan named

echo '-- pre-commit'
reason='dtmask\.*Failed'
git init --quiet "$work/hooks"
cp "$root/.pre-commit-hooks.yaml" "$work/hooks/"
git -C "$work/hooks" add .
git -C "$work/hooks" commit --quiet --message x
git init --quiet "$work/commit"
cd "$work/commit"
cat >.pre-commit-config.yaml <<YAML
repos:
  - repo: $work/hooks
    rev: $(git -C "$work/hooks" rev-parse HEAD)
    hooks:
      - id: dtmask
YAML
git add .pre-commit-config.yaml
pre-commit install >/dev/null
expect 'a clean file' passes commits 'nothing'
expect 'a token' stops commits "$token"
grep -q "file:1:33: token, 64 bytes at offset 32, complete, token identifier dt0c01.$public" \
  "$work/said" || { echo 'FAILED: the hook does not say where'; failed=$((failed + 1)); }
if grep -q "${secret:0:8}" "$work/said"; then
  echo 'FAILED: the hook shows the secret'
  failed=$((failed + 1))
fi
# Only what is in the index counts.
printf 'clean\n' >file
git add file
printf '%s\n' "$token" >file
expect 'a token that is not added' passes git commit --quiet --message x
git checkout --quiet file
expect 'an allowed line' passes commits "$token # dtmask:allow"
expect 'all files' passes pre-commit run --all-files
mkdir -p 'a b'
printf '%s\n' "$token" >'a b/-c'
git add 'a b/-c'
expect 'a name with blanks' stops git commit --quiet --message x
expect 'all files, one with a token' stops pre-commit run --all-files

echo '-- snippets'
reason='a reason to stop'
snippet() { # snippet NAME: the block of docs/ci.md for this file
  awk -v name="# $1" '$0 == name { on = 1 } /^```$/ { on = 0 } on' "$root/docs/ci.md"
}
for pair in .github/workflows/dtmask.yml=vendor.github-workflows .gitlab-ci.yml=vendor.gitlab-ci; do
  name=${pair%=*}
  snippet "$name" >"$work/snippet.yml"
  expect "$name has a snippet" passes grep -q dtmask "$work/snippet.yml"
  expect "$name" passes check-jsonschema --builtin-schema "${pair#*=}" "$work/snippet.yml"
done
snippet .pre-commit-config.yaml >"$work/snippet.yml"
expect .pre-commit-config.yaml passes pre-commit validate-config "$work/snippet.yml"
expect .pre-commit-hooks.yaml passes pre-commit validate-manifest "$root/.pre-commit-hooks.yaml"

echo "$passed passed, $failed failed"
((failed == 0))

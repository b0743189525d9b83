#!/usr/bin/env bash
# Fetch the identity providers of others into .tools/, and from Debian what they need: with
# `install.sh UV`. Whatever cannot be had here is named, and its tests are skipped.
set -euo pipefail
uv=$(realpath "$(command -v "$1")")
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$here/../../.tools"
cd "$here/../../.tools"

have() { command -v "$1" >/dev/null; }
without() { echo "No $1 here: $2. Its tests are skipped."; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@" 2>/dev/null; fi
}

from_debian() {
  have apt-get && as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -qq --no-install-recommends "$@" >/dev/null
}

php_is_complete() {
  have php && php -r 'foreach (["curl", "dom", "mbstring", "openssl"] as $name)
    if (!extension_loaded($name)) exit(1);'
}

# Unpacked only: the package would bring a web server of its own.
simplesamlphp() {
  [ -d simplesamlphp/usr/share/simplesamlphp/www ] && php_is_complete && return
  echo "Fetching SimpleSAMLphp …"
  php_is_complete || from_debian php-cli php-xml php-mbstring php-curl || return
  rm -rf simplesamlphp && mkdir simplesamlphp && cd simplesamlphp \
    && apt-get download -qq simplesamlphp 2>/dev/null \
    && dpkg-deb --extract simplesamlphp_*.deb .
}

pysaml2() {
  [ pysaml2/installed -nt "$here/pysaml2.txt" ] && have xmlsec1 && return
  echo "Fetching pysaml2 …"
  have xmlsec1 || from_debian xmlsec1 || return
  "$uv" venv --quiet --clear pysaml2 \
    && "$uv" pip sync --quiet --require-hashes --python pysaml2/bin/python "$here/pysaml2.txt" \
    && touch pysaml2/installed
}

lasso() {
  /usr/bin/python3 -c "import lasso" 2>/dev/null && return
  echo "Fetching Lasso …"
  from_debian python3-lasso
}

samlp() {
  [ samlp/installed -nt "$here/samlp/package-lock.json" ] && return
  have npm || return
  echo "Fetching samlp …"
  rm -rf samlp && mkdir samlp && cp "$here"/samlp/package*.json samlp
  npm ci --prefix samlp --silent --no-audit --no-fund --ignore-scripts && touch samlp/installed
}

if ! php_is_complete || ! have xmlsec1; then
  have apt-get && as_root apt-get update -qq || true
fi
(simplesamlphp) || without SimpleSAMLphp "it takes Debian's package and php-cli -xml -mbstring -curl"
(pysaml2) || without pysaml2 "it takes xmlsec1 and a package index"
(lasso) || without Lasso "it takes Debian's package python3-lasso"
(samlp) || without samlp "it takes Node.js with npm"

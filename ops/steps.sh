# shellcheck shell=bash
# The steps that get a clone ready, shared by ops/run and ops/test; sourced, never run.
#
# Owns: .venv, node_modules, each page's dist/ and .tongchang/ (stamps and logs). Every step leaves a stamp of what it
# was made from and is skipped while that is unchanged. Speaks on stderr only: stdout belongs to what is run afterwards.

venv="$root/.venv"
state="$root/.tongchang"
log="$state/logs/prepare.log"

# A mistake in these scripts themselves must not end them without a word.
trap 'printf "✗ %s:%s: %s\n" "${BASH_SOURCE[0]}" "$LINENO" "$BASH_COMMAND" >&2' ERR

# --- speaking -------------------------------------------------------------------------------------------------------

# fail ZH EN: one sentence in each language that says what to do, then the end.
fail() {
  printf '✗ %s\n  %s\n' "$1" "$2" >&2
  exit 1
}

# in_root COMMAND...: in the clone's own folder, wherever the caller stands.
in_root() {
  (cd "$root" && "$@")
}

now_ms() {
  local now="${EPOCHREALTIME:-}"
  if [ -n "$now" ]; then
    now="${now//[!0-9]/}"
    printf '%s' "${now%???}"
  else
    printf '%s000' "$SECONDS"
  fi
}

# took START_MS: seconds with one decimal since then.
took() {
  local passed=$(($(now_ms) - $1))
  printf '%d.%d' $((passed / 1000)) $((passed % 1000 / 100))
}

# step ZH EN COMMAND...: runs a command with its output in the log, and says how long it took.
step() {
  local zh="$1" en="$2" start
  shift 2
  start=$(now_ms)
  printf '· %s / %s … ' "$zh" "$en" >&2
  printf '\n== %s: %s\n' "$en" "$*" >>"$log"
  if "$@" >>"$log" 2>&1 </dev/null; then
    printf '%s s\n' "$(took "$start")" >&2
    return 0
  fi
  printf '✗\n' >&2
  tail -n 6 "$log" | cut -c1-300 | sed 's/^/    /' >&2
  fail "“${zh}”未成功。请按上面的提示处理后重试;完整记录:$log" \
    "“${en}” failed. Mend what the lines above name and run it again; the whole log: $log"
}

# --- stamps ---------------------------------------------------------------------------------------------------------

# digest: of standard input.
digest() {
  if command -v sha256sum >/dev/null 2>&1; then sha256sum; else shasum -a 256; fi | cut -d' ' -f1
}

# hashes: of each file whose path stands on a line of standard input, with that path; one process for all of them.
hashes() {
  if command -v sha256sum >/dev/null 2>&1; then
    tr '\n' '\0' | xargs -0 sha256sum
  else
    tr '\n' '\0' | xargs -0 shasum -a 256
  fi
}

# digest_of PATH...: of the names and contents of files. Called in the root.
digest_of() {
  printf '%s\n' "$@" | hashes | digest
}

# digest_under PATH...: the same of every file below, but what is installed or built there.
digest_under() {
  find "$@" \( -name node_modules -o -name dist \) -prune -o -type f -print | LC_ALL=C sort | hashes | digest
}

# fresh STAMP VALUE: whether a step was last done for exactly this.
fresh() {
  [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]
}

# --- one at a time --------------------------------------------------------------------------------------------------

# Two preparations of one clone take turns. The lock dies with its holder, however that ends.
begin_preparing() {
  # A start reads a few thousand modules, and where none of them may be kept compiled it compiles them all, every
  # time. What a clone makes is its own and ignored by git, so that a wish of the shell around does not hold here.
  unset PYTHONDONTWRITEBYTECODE
  if ! mkdir -p "$state/logs" 2>/dev/null || ! : >>"$state/lock"; then
    fail "无法写入 $state。请检查该文件夹的权限与剩余空间。" \
      "Cannot write to $state. Check that folder's permissions and the space left."
  fi
  exec 9>>"$state/lock"
  if command -v flock >/dev/null 2>&1; then
    if ! flock --nonblock 9; then
      printf '· 另一个准备过程正在进行,等待其结束 / another run is preparing this clone, waiting for it …\n' >&2
      flock 9
    fi
  elif command -v python3 >/dev/null 2>&1; then
    python3 -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX)'
  fi
  : >"$log"
}

end_preparing() {
  exec 9>&-
}

# --- Python ---------------------------------------------------------------------------------------------------------

# find_python: the first interpreter that is new enough, as a path on stdout.
find_python() {
  local candidate
  for candidate in ${PYTHON:+"$PYTHON"} python3 python3.13 python3.12 python3.11 python; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
      command -v -- "$candidate"
      return 0
    fi
  done
  return 1
}

# make_venv PYTHON: a virtual environment, also where Debian's python3-venv is missing.
make_venv() {
  local python="$1" version
  rm -rf -- "$venv"
  "$python" -m venv "$venv" && return 0
  rm -rf -- "$venv"
  if command -v uv >/dev/null 2>&1; then
    uv venv --python "$python" "$venv" && return 0
  fi
  if "$python" -m pip --version; then
    "$python" -m venv --without-pip "$venv" && return 0
  fi
  rm -rf -- "$venv"
  version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  if command -v apt-get >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ] && apt_install "python$version-venv"; then
      "$python" -m venv "$venv" && return 0
    fi
    echo "缺少 Python 的 venv 模块。请执行:apt-get update && apt-get install python$version-venv"
    echo "Python's venv module is missing. Run: apt-get update && apt-get install python$version-venv"
  else
    echo "缺少 Python 的 venv 模块。请安装 $python 的 venv 与 pip 后重试。"
    echo "Python's venv module is missing. Install venv and pip for $python and run this again."
  fi
  return 1
}

# fetch_installer PYTHON: the pinned uv into .venv, by hash, with whichever installer there is.
fetch_installer() {
  local wanted=(--require-hashes -r "$root/ops/bootstrap.lock")
  if "$venv/bin/python" -m pip --version; then
    "$venv/bin/python" -m pip install --disable-pip-version-check "${wanted[@]}"
  elif command -v uv >/dev/null 2>&1; then
    uv pip install --python "$venv/bin/python" "${wanted[@]}"
  else
    "$1" -m pip --python "$venv/bin/python" install --disable-pip-version-check "${wanted[@]}"
  fi
}

# pip_setting NAME: what pip's environment or its files say, else nothing.
pip_setting() {
  local variable
  variable="PIP_$(printf '%s' "$1" | tr 'a-z-' 'A-Z_')"
  if [ -n "${!variable:-}" ]; then
    printf '%s' "${!variable}"
  else
    "$venv/bin/python" -m pip config get "global.$1" 2>/dev/null | tr '\n' ' ' || true
  fi
}

# install_locked LOCK: every package of a lock, at its version and hash. It adds and replaces but never removes, so that
# what ops/test added stays when ops/run follows. uv does not read pip's settings, so they are handed on; where that is
# not enough (client certificates, a keyring), pip itself does it, more slowly.
install_locked() {
  local index extra
  index=$(pip_setting index-url)
  extra=$(pip_setting extra-index-url)
  (
    if [ -n "${index// /}" ]; then export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-${index// /}}"; fi
    if [ -n "${extra// /}" ]; then export UV_INDEX="${UV_INDEX:-$extra}"; fi
    if [ -n "${PIP_CERT:-}" ]; then export SSL_CERT_FILE="${SSL_CERT_FILE:-$PIP_CERT}"; fi
    # Any index may serve a file: the hash decides what it is.
    export UV_INDEX_STRATEGY="${UV_INDEX_STRATEGY:-unsafe-best-match}"
    "$venv/bin/uv" pip install --python "$venv/bin/python" --require-hashes -r "$1"
  ) || {
    echo "uv could not; pip tries with its own settings"
    "$venv/bin/python" -m pip install --disable-pip-version-check --require-hashes -r "$1"
  }
}

# install_tongchang: this clone itself, so that its packages import and its command runs. Builds from the lock alone.
install_tongchang() {
  "$venv/bin/uv" pip install --python "$venv/bin/python" --no-deps --no-build-isolation --offline -e "$root"
}

# venv_usable: whether .venv can be built upon. Its scripts know its path, so one that was moved is made anew, as is one
# that lost its interpreter or was left half made.
venv_usable() {
  "$venv/bin/python" -c '' >/dev/null 2>&1 || return 1
  if [ -f "$venv/.stamp-place" ]; then
    fresh "$venv/.stamp-place" "$root"
  else
    [ -x "$venv/bin/uv" ]
  fi
}

# prepare_python LOCK: .venv with everything a lock names, and the tongchang command.
prepare_python() {
  local lock="$1" stamp wanted python found
  stamp="$venv/.stamp-${lock%.lock}"
  wanted="$(in_root digest_of "$lock" ops/bootstrap.lock pyproject.toml) $root"
  if fresh "$stamp" "$wanted" && [ -x "$venv/bin/tongchang" ]; then return 0; fi

  if ! venv_usable; then
    if ! python=$(find_python); then
      found=$(python3 --version 2>/dev/null || echo "无 / none")
      fail "需要 Python 3.11 或更新版本(当前:$found)。请安装后重试(Debian 12:apt-get install python3 python3-venv),或以 PYTHON=路径 指定。" \
        "Python 3.11 or newer is needed (found: $found). Install it and run this again (Debian 12: apt-get install python3 python3-venv), or name one with PYTHON=PATH."
    fi
    step "建立 Python 环境" "making the Python environment" make_venv "$python"
    step "取得安装器 uv" "fetching the installer uv" fetch_installer "$python"
    printf '%s' "$root" >"$venv/.stamp-place"
  elif ! [ -x "$venv/bin/uv" ] || ! "$venv/bin/uv" --version | grep -qF "$(sed -n 's/^uv==//p' "$root/ops/bootstrap.in") "; then
    step "取得安装器 uv" "fetching the installer uv" fetch_installer "$(find_python)"
  fi
  step "安装 Python 软件包" "installing Python packages" install_locked "$root/$lock"
  step "安装 tongchang 命令" "installing the tongchang command" install_tongchang
  printf '%s' "$wanted" >"$stamp"
}

# --- Node -----------------------------------------------------------------------------------------------------------

require_node() {
  local found
  found=$(node --version 2>/dev/null || true)
  if ! node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' >/dev/null 2>&1; then
    fail "需要 Node.js 20.19 或更新版本(当前:${found:-无})。请安装后重试。" \
      "Node.js 20.19 or newer is needed (found: ${found:-none}). Install it and run this again."
  fi
  if ! npm --version >/dev/null 2>&1; then
    fail "找到了 Node.js,但缺少 npm。请安装 npm 后重试(Debian:apt-get install npm)。" \
      "Node.js is here but npm is not. Install npm and run this again (Debian: apt-get install npm)."
  fi
}

# Set while page packages are being fetched beside other steps.
npm_job=""
npm_log="$state/logs/npm.log"

node_digest() {
  digest_of package.json package-lock.json .npmrc ./*/web/package.json ./*/web/*/package.json
}

# begin_node: page packages are fetched while Python's are installed; `prepare_node` waits for them.
begin_node() {
  if fresh "$root/node_modules/.stamp" "$(in_root node_digest)"; then return 0; fi
  require_node
  # A vite or vue-tsc is a development dependency to npm; NODE_ENV=production must not leave them out.
  in_root npm ci --include=dev --no-audit --no-fund >"$npm_log" 2>&1 </dev/null &
  npm_job=$!
  # Whatever ends the preparation ends this too.
  trap 'kill "$npm_job" 2>/dev/null || true' EXIT
}

await_npm() {
  local outcome=0
  wait "$npm_job" || outcome=$?
  cat -- "$npm_log"
  return "$outcome"
}

prepare_node() {
  [ -n "$npm_job" ] || begin_node
  if [ -z "$npm_job" ]; then return 0; fi
  step "安装网页软件包" "installing page packages" await_npm
  trap - EXIT
  npm_job=""
  printf '%s' "$(in_root node_digest)" >"$root/node_modules/.stamp"
}

page_stamp() {
  printf '%s' "$state/page-${1//\//-}"
}

# page_digest PAGE: of all that a page is built from; `shared_digest` is of what every page is built from.
page_digest() {
  printf '%s %s' "$(in_root digest_under "$1")" "$shared_digest"
}

# build_page PAGE: builds it and leaves its stamp; what it says comes out whole when it is done.
build_page() {
  local said outcome=0
  said=$(in_root npm run build --workspace "$1" 2>&1) || outcome=$?
  printf '%s\n' "$said"
  if [ "$outcome" = 0 ]; then printf '%s' "$(page_digest "$1")" >"$(page_stamp "$1")"; fi
  return "$outcome"
}

# build_pages PAGE...: as many at once as there are cores, two at most: each takes some hundred megabytes.
build_pages() {
  local page outcome=0 jobs=()
  for page in "$@"; do
    if [ "${#jobs[@]}" -ge 2 ]; then
      wait "${jobs[0]}" || outcome=$?
      jobs=("${jobs[@]:1}")
    fi
    build_page "$page" &
    jobs+=($!)
  done
  for page in "${jobs[@]}"; do wait "$page" || outcome=$?; done
  return "$outcome"
}

prepare_pages() {
  local manifest page shared_digest stale=()
  # Read once, before the first page is built: what is changed meanwhile makes every page stale at the next start.
  shared_digest=$(in_root digest_under protocol/web ops/sample/case.json package-lock.json tsconfig.strict.json)
  for manifest in "$root"/*/web/*/package.json; do
    grep -q '"build":' "$manifest" || continue
    page=${manifest#"$root"/}
    page=${page%/package.json}
    if [ -f "$root/$page/dist/index.html" ] && fresh "$(page_stamp "$page")" "$(page_digest "$page")"; then continue; fi
    stale+=("$page")
  done
  if [ "${#stale[@]}" = 0 ]; then return 0; fi
  require_node
  step "构建 ${#stale[@]} 个网页" "building ${#stale[@]} pages" build_pages "${stale[@]}"
}

# --- Debian's packages ----------------------------------------------------------------------------------------------

apt_install() {
  apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
}

# prepare_system: what tests drive: the browser, the fonts, the tracer, the openssl command, a reader of signed PDF, a
# token made of software, the servers of a larger installation, and Janus, another forwarder of media.
prepare_system() {
  local missing=()
  command -v chromium >/dev/null 2>&1 || missing+=(chromium)
  command -v strace >/dev/null 2>&1 || missing+=(strace)
  command -v openssl >/dev/null 2>&1 || missing+=(openssl)
  command -v pdfsig >/dev/null 2>&1 || missing+=(poppler-utils)
  command -v softhsm2-util >/dev/null 2>&1 || missing+=(softhsm2)
  has_cjk_fonts || missing+=(fonts-noto-cjk)
  has_postgresql || missing+=(postgresql)
  has_server redis-server || missing+=(redis-server)
  has_server nginx || missing+=(nginx-light)
  command -v janus >/dev/null 2>&1 || missing+=(janus)
  has_nginx_stream || missing+=(libnginx-mod-stream)
  if [ "${#missing[@]}" = 0 ]; then return 0; fi
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    fail "测试需要以下系统软件包:${missing[*]}。请以管理员执行:apt-get update && apt-get install ${missing[*]}" \
      "Tests need these system packages: ${missing[*]}. As root, run: apt-get update && apt-get install ${missing[*]}"
  fi
  step "安装系统软件包 ${missing[*]}" "installing system packages ${missing[*]}" idle_install "${missing[@]}"
}

# idle_install PACKAGE...: installs, and leaves no server running and no database made: tests start their own, and a
# port that a package's own service takes might be somebody's. Debian's invoke-rc.d asks policy-rc.d whether it may.
idle_install() {
  local policy=/usr/sbin/policy-rc.d cluster=/etc/postgresql-common/createcluster.conf outcome=0 ours=""
  if ! [ -e "$cluster" ]; then
    mkdir -p "${cluster%/*}"
    echo "create_main_cluster = false" >"$cluster"
  fi
  if ! [ -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    ours=yes
  fi
  apt_install "$@" || outcome=$?
  if [ -n "$ours" ]; then rm -f -- "$policy"; fi
  return "$outcome"
}

# has_server NAME: whether a program is there that Debian keeps where only the administrator looks.
has_server() {
  command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]
}

# has_nginx_stream: whether nginx can pass on TCP; Debian keeps that in a module of its own.
has_nginx_stream() {
  [ -e /usr/lib/nginx/modules/ngx_stream_module.so ] && return 0
  { nginx -V 2>&1 || /usr/sbin/nginx -V 2>&1; } | grep -q -- '--with-stream '
}

# has_postgresql: Debian keeps its programs apart by version.
has_postgresql() {
  local bin
  command -v initdb >/dev/null 2>&1 && return 0
  for bin in /usr/lib/postgresql/*/bin/initdb; do
    if [ -x "$bin" ]; then return 0; fi
  done
  return 1
}

has_cjk_fonts() {
  if command -v fc-list >/dev/null 2>&1; then
    [ -n "$(fc-list :lang=zh-cn family 2>/dev/null)" ]
  else
    dpkg-query -W fonts-noto-cjk >/dev/null 2>&1
  fi
}

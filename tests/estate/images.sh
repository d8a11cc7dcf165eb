#!/usr/bin/env bash
# Builds the estate's images from the distribution's packages, without any image registry, and imports them into an engine.
#
#   tests/estate/images.sh SOCKET     import into the engine at unix://SOCKET
#   tests/estate/images.sh --build    only fill the cache (needs the package mirror, no engine)
#
# Images: estate/busybox:1, estate/nginx:1, estate/nginx:2, estate/postgres:1, estate/redis:1.
# The trees are kept in ${XDG_CACHE_HOME:-~/.cache}/plimsoll-tests under a key of the packages' versions and this script,
# so that only a first run, or a run after a package was updated, downloads anything.
set -euo pipefail

usage="usage: tests/estate/images.sh SOCKET | --build"
[[ $# -eq 1 ]] || { echo "$usage" >&2; exit 2; }
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/plimsoll-tests
work=
trap '[[ -z $work ]] || rm -rf "$work"' EXIT

fail() { echo "estate: $*" >&2; exit 1; }

# The services' packages and all that these may need, as lines of `package=version hash`, whatever this machine has
# installed. Only what can hold a program or a library that they run: no interpreters, no translations, no JIT compiler.
closure() {
    local -a services packages
    mapfile -t services < <(apt-cache depends --no-recommends --no-suggests postgresql \
        | awk '/Depends: postgresql-[0-9]+$/ { print $2; exit }')
    ((${#services[@]})) || return 1
    services+=(nginx redis-server busybox-static)
    mapfile -t packages < <(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks \
        --no-replaces --no-enhances "${services[@]}" \
        | grep '^[a-z0-9]' | sort -u \
        | grep -vE '^(perl|libperl|python|libllvm|libz3|locales|libc-l10n|c?debconf|dpkg|usr|libelogind|.*-perl$)')
    apt-cache show --no-all-versions "${packages[@]}" \
        | awk '$1 == "Package:" { name = $2 } $1 == "Version:" { version = $2 } $1 == "SHA256:" { print name "=" version, $2 }'
}

# Fetches and unpacks them.
unpack() {
    local pool=$1
    mkdir -p "$work/debs" "$pool"/usr/{bin,sbin,lib,lib64}
    for name in bin sbin lib lib64; do ln -s "usr/$name" "$pool/$name"; done
    (cd "$work/debs" && awk '{ print $1 }' "$work/closure" \
        | xargs apt-get -o APT::Sandbox::User="$(id -un)" -qq download)
    # Older packages still say /bin and /lib; dpkg-deb's own extraction would put folders in place of the links.
    for deb in "$work"/debs/*.deb; do
        dpkg-deb --fsys-tarfile "$deb" | tar -C "$pool" -x --keep-directory-symlink --no-same-owner
    done
}

# The dynamic loader of the unpacked libc, asked for the libraries of programs; every one must be found.
libraries() {
    local pool=$1 loader dirs listed
    shift
    loader=$(find "$pool"/usr/lib "$pool"/usr/lib64 -name 'ld-linux*.so.*' | head -n 1)
    dirs=$(find "$pool"/usr/lib -maxdepth 1 -name '*-linux-gnu*' -type d | paste -sd:)
    {
        for program in "$@"; do
            listed=$("$loader" --library-path "$dirs" --list "$program") \
                || fail "cannot list the libraries of $program"
            awk '$2 == "=>" { print $3 }' <<<"$listed" | while read -r path; do
                [[ $path == "$pool"/* ]] || fail "$program needs $path, which none of the fetched packages has"
                echo "${path#"$pool"/}"
            done
        done
        # The loader under the name that programs ask for, which may be another than the one that was found.
        (cd "$pool" && find usr/lib usr/lib64 -name 'ld-linux*.so.*')
    } | sort -u
}

# A root with a shell, the accounts and the folders that every Linux program expects.
root() {
    local tree=$1 pool=$2
    mkdir -p "$tree"/{etc,tmp,run,var/log,var/lib,usr/{bin,sbin,lib,lib64}}
    for name in bin sbin lib lib64; do ln -s "usr/$name" "$tree/$name"; done
    chmod 1777 "$tree/tmp"
    cp "$pool"/usr/bin/busybox "$tree/usr/bin/"
    "$tree/usr/bin/busybox" --list | while read -r applet; do
        [[ -e $tree/usr/bin/$applet ]] || ln -s busybox "$tree/usr/bin/$applet"
    done
    cp -L /etc/os-release "$tree/etc/os-release"
    printf '%s\n' 'root:x:0:0:root:/:/bin/sh' 'www-data:x:33:33::/:/bin/false' 'postgres:x:70:70::/var/lib/postgresql:/bin/sh' \
        'redis:x:71:71::/var/lib/redis:/bin/false' 'nobody:x:65534:65534::/:/bin/false' >"$tree/etc/passwd"
    printf '%s\n' 'root:x:0:' 'www-data:x:33:' 'postgres:x:70:' 'redis:x:71:' 'nogroup:x:65534:' >"$tree/etc/group"
    printf 'passwd: files\ngroup: files\nhosts: files dns\n' >"$tree/etc/nsswitch.conf"
}

# Copies folders and files of the pool, by their paths in it, with the libraries that their programs need.
copy() {
    local tree=$1 pool=$2 programs=() path
    shift 2
    for path in "$@"; do
        (cd "$pool" && cp -a --parents "$path" "$tree/")
        while read -r path; do
            [[ $(head -c 4 "$path" | tr -d '\0') != $'\x7fELF' ]] || programs+=("$path")
        done < <(find "$pool/$path" -type f -perm -u+x)
    done
    libraries "$pool" "${programs[@]}" >"$work/libraries"
    (cd "$pool" && xargs cp -L --parents -t "$tree/" <"$work/libraries")
}

# Ownership is written into the archive, so that building needs no root.
pack() { tar -C "$1" --numeric-owner --owner=0 --group=0 --sort=name -cf "$2" .; }

build() {
    local out=$1 pool=$work/pool postgres
    unpack "$pool"

    root "$work/busybox" "$pool"
    pack "$work/busybox" "$out/busybox.tar"

    root "$work/nginx" "$pool"
    copy "$work/nginx" "$pool" usr/sbin/nginx etc/nginx/mime.types
    mkdir -p "$work"/nginx/var/{lib/nginx,log/nginx,www/html}
    cp "$here/nginx.conf" "$work/nginx/etc/nginx/nginx.conf"
    echo 'the shop' >"$work/nginx/var/www/html/index.html"
    pack "$work/nginx" "$out/nginx.tar"

    root "$work/redis" "$pool"
    # On Debian redis-server is a link to redis-check-rdb's program.
    copy "$work/redis" "$pool" usr/bin/redis-server usr/bin/redis-check-rdb usr/bin/redis-cli
    install -d -m 0777 "$work/redis/var/lib/redis"
    pack "$work/redis" "$out/redis.tar"

    root "$work/postgres" "$pool"
    postgres=$(cd "$pool" && echo usr/lib/postgresql/*)
    rm -rf "$pool/$postgres"/lib/{bitcode,pgxs,llvmjit*}
    copy "$work/postgres" "$pool" "$postgres/bin" "$postgres/lib" usr/share/postgresql usr/share/zoneinfo
    ln -s "../../$postgres" "$work/postgres/usr/lib/postgres"
    install -d -m 0777 "$work/postgres/var/lib/postgresql"
    install -m 0755 "$here/postgres.sh" "$work/postgres/usr/bin/start-postgres"
    pack "$work/postgres" "$out/postgres.tar"
}

command -v apt-get >/dev/null || fail "needs apt-get (Debian or Ubuntu) to fetch the packages of nginx, PostgreSQL and Redis"
mkdir -p "$cache"
work=$(mktemp -d "$cache/work.XXXXXX")
closure >"$work/closure" || fail "apt does not know nginx, redis-server or postgresql: run 'apt-get update' as root, then again"
key=$({ sort "$work/closure"; cat "$here"/{images.sh,postgres.sh,nginx.conf}; } | sha256sum | cut -c 1-16)
images=$cache/images-$key
if [[ ! -d $images ]]; then
    echo "estate: building the images from the distribution's packages" >&2
    mkdir "$work/out"
    build "$work/out"
    # Complete or not there at all; images of other versions are of no more use.
    rm -rf "$cache"/images-*
    mv "$work/out" "$images"
fi
[[ $1 != --build ]] || exit 0

socket=$1
import() {
    local tar=$1 name=$2
    shift 2
    local changes=()
    for change in "$@"; do changes+=(--change "$change"); done
    docker -H "unix://$socket" import "${changes[@]}" "$images/$tar.tar" "$name" >/dev/null
}
import busybox estate/busybox:1 'CMD ["sleep", "infinity"]'
import nginx estate/nginx:1 'CMD ["nginx", "-g", "daemon off;"]' 'EXPOSE 80/tcp' 'LABEL estate.version=1'
import nginx estate/nginx:2 'CMD ["nginx", "-g", "daemon off;"]' 'EXPOSE 80/tcp' 'LABEL estate.version=2'
import redis estate/redis:1 'CMD ["redis-server", "--protected-mode", "no", "--dir", "/var/lib/redis"]' 'USER redis' 'EXPOSE 6379/tcp'
import postgres estate/postgres:1 'CMD ["start-postgres"]' 'USER postgres' 'EXPOSE 5432/tcp' 'ENV PGDATA=/var/lib/postgresql/data'

#!/usr/bin/env bash
# Provides etcd, kube-apiserver and kubectl for the tests.
#
#   tests/kubernetes/parts.sh --packages   print the distribution's packages that are missing for the rest
#   tests/kubernetes/parts.sh --build      only fill the cache (needs the network)
#   tests/kubernetes/parts.sh              print the folder that has the three
#
# Where KUBEBUILDER_ASSETS names a folder, that is it. Else etcd is what the machine has, or is unpacked from the
# distribution's package without installing it; kube-apiserver and kubectl are built from the Go module beside this script.
# Both are kept in ${XDG_CACHE_HOME:-~/.cache}/plimsoll-tests under a key of the module and this script, so that only a first
# run builds anything.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/plimsoll-tests
programs=(etcd kube-apiserver kubectl)
# The Go that builds the module where the machine's own is older than the module asks for.
toolchain=1.24.13
work=
trap '[[ -z $work ]] || rm -rf "$work"' EXIT

say() { echo "kubernetes: $*" >&2; }
fail() { say "$@"; exit 1; }
has() { command -v "$1" >/dev/null; }

has go || PATH=$PATH:/usr/local/go/bin
key=$(cat "$here"/{go.mod,go.sum,parts.sh} | sha256sum | cut -c 1-16)
built=$cache/kubernetes-$key

# True where a version is that of the second argument or newer.
at_least() { [[ $(printf '%s\n' "$1" "$2" | sort -V | head -n 1) == "$2" ]]; }

# The Go command that can build the module.
go_command() {
    local have wanted folder
    wanted=$(awk '$1 == "go" { print $2; exit }' "$here/go.mod")
    have=$(GOTOOLCHAIN=local go env GOVERSION)
    if at_least "${have#go}" "$wanted"; then
        command -v go
        return
    fi
    say "$have is older than go$wanted: fetching go$toolchain"
    # An older Go can fetch a newer one, which is a module among others, and cannot choose it by itself.
    local module=golang.org/toolchain@v0.0.1-go$toolchain
    folder=$(cd "$work" && go mod download -json "$module.$(go env GOOS)-$(go env GOARCH)" \
        | sed -n 's/^[[:space:]]*"Dir": "\(.*\)",*$/\1/p')
    [[ -d $folder ]] || fail "cannot fetch go$toolchain; install Go $wanted or newer, then run this again"
    # Files of a module are never executable.
    chmod +x "$folder"/bin/* "$folder"/pkg/tool/*/*
    echo "$folder/bin/go"
}

# Builds kube-apiserver and kubectl into a folder. All that Go fetches and makes for it is gone afterwards.
build() {
    local out=$1 go version flags= package
    has go || fail "Go is missing: install golang-go, then run this again"
    export GOPATH=$work/go GOCACHE=$work/go/build GOFLAGS="-modcacherw -buildvcs=false" GOWORK=off CGO_ENABLED=0
    unset GOROOT GOMODCACHE
    go=$(go_command)
    version=$(awk '$1 == "k8s.io/kubernetes" && $2 ~ /^v/ { print $2 }' "$here/go.mod")
    # A release build says which release it is; the API server tells it to all who ask.
    for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
        flags+=" -X $package.gitVersion=$version -X $package.gitMajor=1 -X $package.gitMinor=$(cut -d. -f2 <<<"$version")"
    done
    (cd "$here" && GOTOOLCHAIN=local "$go" build -mod=readonly -trimpath -ldflags "-s -w$flags" -o "$out/" \
        k8s.io/kubernetes/cmd/kube-apiserver k8s.io/kubernetes/cmd/kubectl) \
        || fail "could not build kube-apiserver and kubectl; the lines above say why"
}

# Unpacks etcd from its package: an installed one would come with a user, a service and a port.
unpack_etcd() {
    local out=$1 package
    for package in etcd-server etcd; do
        [[ -n $(apt-cache --quiet=0 show "$package" 2>/dev/null) ]] || continue
        mkdir "$work/etcd"
        (cd "$work/etcd" && apt-get -o APT::Sandbox::User="$(id -un)" -qq download "$package")
        dpkg-deb --extract "$work"/etcd/*.deb "$work/etcd"
        cp "$work/etcd/usr/bin/etcd" "$out/"
        return
    done
    fail "apt knows neither etcd-server nor etcd: run 'apt-get update' as root, then again"
}

fill() {
    [[ ! -d $built ]] || return 0
    mkdir -p "$cache"
    work=$(mktemp -d "$cache/work.XXXXXX")
    mkdir "$work/out"
    if has etcd; then cp "$(command -v etcd)" "$work/out/"; else unpack_etcd "$work/out"; fi
    say "building kube-apiserver and kubectl, once; this takes some minutes"
    build "$work/out"
    # Complete or not there at all; those of other versions are of no more use.
    rm -rf "$cache"/kubernetes-*
    mv -T "$work/out" "$built"
}

# Prints a folder, once it is certain that all is there.
show() {
    local program
    for program in "${programs[@]}"; do
        [[ -x $1/$program ]] || fail "$1 has no $program${2-}"
    done
    echo "$1"
}

case ${1-} in
    --packages)
        [[ -n ${KUBEBUILDER_ASSETS-} || -d $built ]] || has go || echo golang-go
        ;;
    --build)
        [[ -n ${KUBEBUILDER_ASSETS-} ]] || fill
        ;;
    '')
        if [[ -n ${KUBEBUILDER_ASSETS-} ]]; then
            show "$(cd "$KUBEBUILDER_ASSETS" && pwd)" ": KUBEBUILDER_ASSETS names a folder with etcd, kube-apiserver and kubectl"
        else
            show "$built" ": remove that folder and run 'tests/run --provide'"
        fi
        ;;
    *)
        echo "usage: tests/kubernetes/parts.sh [--packages | --build]" >&2
        exit 2
        ;;
esac

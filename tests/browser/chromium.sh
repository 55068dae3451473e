#!/bin/sh
# Finds a Chromium, or installs Debian's where that can be done; prints the path of its program.
find_one() {
    for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome-stable google-chrome; do
        [ -n "$name" ] && command -v "$name" && return 0
    done
    return 1
}

find_one && exit 0
if command -v apt-get >/dev/null; then
    if [ "$(id -u)" = 0 ]; then root=''; elif sudo -n true 2>/dev/null; then root='sudo -n'; else root=none; fi
    if [ "$root" != none ]; then
        echo "Installing Chromium (once) ..." >&2
        { $root apt-get update -qq && DEBIAN_FRONTEND=noninteractive $root apt-get install -y -qq \
            --no-install-recommends chromium fonts-noto-cjk; } >&2
        find_one && exit 0
    fi
fi
echo "The browser tests need Chromium: install it (Debian: apt-get install chromium fonts-noto-cjk)," >&2
echo "or name its program: CHROMIUM=/path/to/chromium make test-browser" >&2
exit 1

# browser - a page as a browser shows it. Sourced after cli.sh.
# shellcheck shell=sh disable=SC2154

has_browser() {
    command -v chromium >/dev/null && command -v python3 >/dev/null
}

browse() { # browse <page> [option]...
    page=$1
    shift
    # It may start slowly on a busy machine, once.
    HOME=$dir timeout 120 chromium --headless --no-sandbox --disable-gpu \
        --user-data-dir="$dir/browser" --hide-scrollbars "$@" \
        "file://$dir/$page" 2>chromium.err
}

# A script, standard input, is put behind a page. What it pushes into "say" is
# in the file out, a line each. The browser's time stands still while it is
# busy; else it would be over while the script waits for an event of another
# process of the browser, such as that it has gone back.
try_page() { # try_page <page> <fragment> [option]...
    sed '$d' "$1" | sed '$d' >tried.html
    {
        printf '<script>\nconst say = [];\n'
        printf 'const next = name => new Promise(done => addEventListener(name, done, {once: true}));\n'
        printf 'const busy = new MessageChannel(), step = setInterval(() => {}, 1);\n'
        printf 'busy.port1.onmessage = () => busy.port2.postMessage(0);\n'
        printf 'busy.port2.onmessage = () => busy.port1.postMessage(0);\n'
        printf 'busy.port1.postMessage(0);\n'
        printf '(async () => {\n'
        cat
        printf '})().catch(error => say.push(String(error))).then(() => {\n'
        printf 'document.body.append(Object.assign(document.createElement("pre"),\n'
        printf '{id: "said", textContent: say.join("|")}));\n'
        printf 'busy.port1.close();\nbusy.port2.close();\nclearInterval(step);\n});\n'
        printf '</script>\n</body>\n</html>\n'
    } >>tried.html
    fragment=$2
    shift 2
    browse "tried.html$fragment" --virtual-time-budget=10000 --dump-dom "$@" >dom
    sed -n 's/.*<pre id="said">\(.*\)<\/pre>.*/\1/p' dom |
        sed 's/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g' | tr '|' '\n' >out
}

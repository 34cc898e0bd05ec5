#!/usr/bin/env bash
# The page of `explain --html` in a browser, driven by keys, clicks and typed numbers: every output of every
# form shows the number that conv-cli computed, and what a changed number makes of it.
# use: explain_page_full.sh PROGRAM      exit code 77: skipped
set -euo pipefail

program=$1
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) ||
    { echo "skipped: no chromium"; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Runs in the page after its own scripts; writes what it finds wrong into the document.
cat >"$folder/driver.js" <<'END'
<script>
(function () {
  var faults = [], checked = 0;
  var data = JSON.parse(document.getElementById("data").textContent);
  var K = data.problem.K, expected = data.results[0];
  function text(id) { return document.getElementById(id).textContent; }
  function number(words) { return Number(words.replace("\u2212", "-")); }
  function check(good, what) { ++checked; if (!good) faults.push(what); }
  function key(name) {
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true }));
  }
  function tab(i) { document.querySelectorAll("[role=tab]")[i].click(); }
  function shownSum() { var sum = text("sum"); return number(sum.slice(sum.lastIndexOf("= ") + 2)); }
  function near(a, b) { return Math.abs(a - b) <= 1e-4 * Math.max(1, Math.abs(b)); }
  var titles = Array.from(document.querySelectorAll("[role=tab]")).map(function (t) { return t.textContent; });
  check(titles.join() === "Definition,im2col,Toeplitz,Rows,Bank of kernels", "tabs: " + titles);
  check(text("agrees").indexOf("agree with") > 0, text("agrees"));
  var outputs = expected.length / K;
  for (var form = 0; form < titles.length; ++form) {
    tab(form);
    document.getElementById("reset").click();
    for (var i = 0; i < outputs; ++i) {
      check(near(shownSum(), expected[i]), titles[form] + ", output " + i + ": " + text("sum"));
      var picked = document.querySelectorAll("#view td.pick");
      check(picked.length > 0 && near(number(picked[0].textContent), expected[i] - (data.bias[0] || 0)) ||
        near(number(picked[0].textContent), expected[i]), titles[form] + ": marked cell of output " + i);
      check(document.querySelectorAll("#view td.patch").length > 0, titles[form] + ": no patch marked");
      document.getElementById("step").click();
    }
    check(document.querySelector("#counts tr.current") !== null, titles[form] + ": no count marked");
  }
  tab(0);
  document.getElementById("reset").click();
  key("ArrowRight");
  check(text("sum").indexOf("output (0, 1)") === 0, "ArrowRight: " + text("sum"));
  key("ArrowDown");
  check(text("sum").indexOf("output (1, 1)") === 0, "ArrowDown: " + text("sum"));
  key("ArrowUp"); key("ArrowLeft");
  var before = shownSum(), input = document.querySelector("#view td.patch input");
  var weight = document.querySelector("#view td.row input");
  input.value = String(number(input.value) + 1);
  input.dispatchEvent(new Event("change"));
  // A border repeats samples, so that one change may count several times.
  var bordered = document.querySelector("#view td.outside") !== null;
  check(bordered || near(shownSum() - before, number(weight.value)),
    "a changed sample: " + before + " to " + shownSum());
  tab(4);
  var rows = document.querySelectorAll("#view table")[0].rows.length;
  document.getElementById("more").click();
  check(document.querySelectorAll("#view table")[0].rows.length === rows + 1, "a further kernel is a further row");
  check(document.querySelectorAll("button:not([type])").length === 0, "buttons without a type");
  Array.from(document.querySelectorAll("table")).forEach(function (table) {
    check(table.id === "counts" || table.getAttribute("aria-label"), "a table without a label");
  });
  document.body.appendChild(document.createElement("pre")).textContent =
    "DRIVEN " + checked + " checks, " + faults.length + " faults END " + faults.join("; ");
})();
</script>
END

drive() {
    "$program" explain --html "$folder/page.html" "$@" >/dev/null
    [ "$(stat -c %s "$folder/page.html")" -lt 300000 ]
    ! grep -qE '(src|href)="?https?:' "$folder/page.html"
    sed -e "/<\/body>/{
        r $folder/driver.js
        d
    }" "$folder/page.html" >"$folder/driven.html"
    timeout 120 "$browser" --headless=new --no-sandbox --disable-gpu --user-data-dir="$folder/profile" \
        --virtual-time-budget=20000 --dump-dom "file://$folder/driven.html" >"$folder/dom" 2>"$folder/log"
    local result
    result=$(sed -n 's/.*DRIVEN \(.* faults\) END \(.*\)/\1 \2/p' "$folder/dom" | sed 's/<\/pre>.*//' | tail -n 1)
    echo "$*: ${result:-the page did not run: $(tail -n 1 "$folder/log")}"
    case $result in *" checks, 0 faults"*) ;; *) exit 1 ;; esac
}

drive -k "9 8; 7 6" --input "1 2 3; 4 5 6; 7 8 9" --padding valid
drive -k "9 8; 7 6" --input "1 2 3; 4 5 6; 7 8 9"
drive -k "1 2 1; 0 0 0; -1 -2 -1" --input "1 2 3 4 5; 6 7 8 9 1; 2 3 4 5 6; 7 8 9 1 2; 3 4 5 6 7" --border wrap --stride 2
drive -k "shape: 1 3 2 2
1 2
3 4
5 6
7 8
9 8
7 6" --input "1 2 3; 4 5 6; 7 8 9|1 1 1; 2 2 2; 3 3 3|9 8 7; 6 5 4; 3 2 1" --padding valid

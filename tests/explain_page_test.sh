#!/usr/bin/env bash
# The arithmetic of the page that `explain --html` writes, run by an interpreter without a browser:
# every form must give the results that conv-cli computed and put into the page.
# use: explain_page_test.sh PROGRAM
set -euo pipefail

program=$1
command -v duk >/dev/null || { echo "skipped: duktape is not installed"; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# The numbers stand in one line; the arithmetic from its first comment to the end of its script.
numbers() { sed -n 's/^<script type="application\/json" id="data">\(.*\)<\/script>$/\1/p' "$1"; }
arithmetic() { sed -n '/^<script>\/\/ The arithmetic/,/<\/script>/p' "$1" | sed -e 's/<script>//' -e 's/<\/script>//'; }

check() {
    "$program" explain --html "$folder/page.html" "$@" >/dev/null
    {
        printf 'var data = '
        numbers "$folder/page.html"
        echo ';'
        arithmetic "$folder/page.html"
        cat <<'SCRIPT'
function close(a, b, what) {
  if (a.length !== b.length) throw new Error(what + ": " + a.length + " numbers for " + b.length);
  for (var i = 0; i < a.length; ++i) {
    if (!(Math.abs(a[i] - b[i]) <= 1e-5 * Math.max(1, Math.abs(b[i])))) {
      throw new Error(what + ": " + a[i] + " for " + b[i] + " at " + i);
    }
  }
}
function withBias(values, outputs) {
  return values.map(function (v, i) {
    return v + (data.bias.length ? data.bias[Math.floor(i / outputs)] : 0);
  });
}
var p = data.problem, checked = 0;
var P = Convolution.height(p), Q = Convolution.width(p), outputs = P * Q;
data.pictures.forEach(function (picture, n) {
  p.constants = data.constants[n];
  var wanted = data.results[n];
  close(Convolution.result(p, picture, data.weights, data.bias), wanted, "definition");
  var columns = Convolution.columnMatrix(p, picture);
  var product = Convolution.product(Convolution.weightMatrix(p, data.weights), columns);
  close(withBias(product.values, outputs), wanted, "im2col");
  var lowered = Convolution.toeplitz(p, picture, data.weights);
  var vector = { rows: picture.length, columns: 1, values: picture };
  var sums = Convolution.product(lowered.matrix, vector).values.map(function (v, i) {
    return v + lowered.constant[i];
  });
  close(withBias(sums, outputs), wanted, "toeplitz");
  var rows = [];
  for (var first = 0; first < P; first += p.rowsTogether) {
    var count = Math.min(p.rowsTogether, P - first);
    var block = Convolution.rowBlock(p, picture, data.weights, first, count);
    for (var i = 0; i < block.sum.rows; ++i) {
      for (var q = 0; q < Q; ++q) {
        rows[(i % p.K) * outputs + (first + Math.floor(i / p.K)) * Q + q] = block.sum.values[i * Q + q];
      }
    }
  }
  close(withBias(rows, outputs), wanted, "rows");
  ++checked;
});
if (checked === 0) throw new Error("the page holds no picture");
print(checked + " pictures agree");
SCRIPT
    } >"$folder/test.js"
    duk "$folder/test.js" || { echo "failed: explain $*"; exit 1; }
    size=$(stat -c %s "$folder/page.html")
    [ "$size" -lt 300000 ] || { echo "the page has $size bytes"; exit 1; }
    ! grep -qE 'https?://|<link|src=' "$folder/page.html" || { echo "the page reaches outside itself"; exit 1; }
}

check -k "9 8; 7 6" --input "1 2 3; 4 5 6; 7 8 9" --padding valid
grep -q '\[83.0,113.0,173.0,203.0\]' "$folder/page.html"
for border in constant:2 replicate reflect reflect101 wrap; do
    check -k sobel -k "1 2 1; 2 4 2; 1 2 1" --border "$border" --input "1 5 2 0; 3 9 1 4; 2 2 8 1; 0 3 1 6"
done
check -k "1 2; 3 4" --stride 2 --dilation 2 --padding 1,2,1,0 --border constant --bias 0.5 \
    --input "1 2 3 4 5; 6 7 8 9 1; 2 3 4 5 6; 7 8 9 1 2; 3 4 5 6 7"
check -k "[[[1,2],[3,4]],[[5,6],[7,8]],[[9,1],[2,3]]]" --padding valid \
    --input "1 2 3; 4 5 6; 7 8 9 | 9 8 7; 6 5 4; 3 2 1 | 1 0 1; 0 1 0; 1 0 1"

# Too large for a page, and not there at all.
! "$program" explain -k box --size 1080x1920 --html "$folder/no.html" 2>"$folder/error"
grep -q "needs the picture's numbers" "$folder/error"
! "$program" explain -k box:size=3 --input "$(printf '1 2 3 4 5 6 7 8 9 10 11 12 13\n%.0s' {1..13})" \
    --html "$folder/no.html" 2>"$folder/error"
grep -q -- '--html shows up to' "$folder/error"
[ ! -e "$folder/no.html" ]

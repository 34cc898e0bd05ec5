#!/usr/bin/env bash
# What the shells offer, asked of the shells themselves.
# use: completions_test.sh DOCUMENTS_FOLDER
set -uo pipefail

documents=$1
failed=0
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/files"
cd "$folder/files"
touch picture.png 'two words.png'

# expect SHELL "LINE" WORD... : SHELL's offers for LINE include the words, and none after "not".
expect() {
    local shell=$1 line=$2 word offered wanted=yes
    shift 2
    offered=$("offers_of_$shell" "$line")
    for word in "$@"; do
        if [[ $word == not ]]; then
            wanted=no
            continue
        fi
        local there=no
        grep -qxF -e "$word" <<<"$offered" && there=yes
        if [[ $there != "$wanted" ]]; then
            echo "$shell: '$line': '$word' offered: $there, wanted: $wanted; all offers:"
            echo "$offered" | head -40
            failed=1
        fi
    done
}

offers_of_bash() {
    bash --norc -c '
        source "$1"
        complete -p conv-cli | grep -q "_conv_cli conv-cli" || exit 1
        # As readline splits it: at blanks, and = and : are words.
        line=$2
        spaced=${line//=/ = }
        spaced=${spaced//:/ : }
        read -ra COMP_WORDS <<<"$spaced"
        [[ $line == *" " ]] && COMP_WORDS+=("")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _conv_cli
        printf "%s\n" "${COMPREPLY[@]}"' bash "$documents/conv-cli.bash" "$1"
}

offers_of_fish() {
    HOME=$folder fish --no-config -c 'source $argv[1]; complete -C $argv[2]' \
        "$documents/conv-cli.fish" "$1" | cut -f1
}

# zsh completes only at a terminal: one is made, and what compadd is given is printed.
offers_of_zsh() {
    zsh -f -c '
        zmodload zsh/zpty
        zpty z zsh -f -i
        zpty -w z "PS1= PS2= RPS1=; unsetopt zle_bracketed_paste; fpath=($1 \$fpath)"
        zpty -w z "autoload -U compinit; compinit -u -D"
        zpty -w z "compadd() { local -a got; builtin compadd -O got \"\$@\";
            print -rl -- \"offer:\"\${^got} >>../offers; builtin compadd \"\$@\" }"
        zpty -w z "bindkey \"^I\" complete-word; zstyle \":completion:*\" list-prompt \"\""
        zpty -w z "complete_now() { BUFFER=\$1 }; print -r -- RE\"\"ADY"
        zpty -m z chunk "*READY*"
        : >../offers
        zpty -n -w z "$2"$'"'\t'"'
        for attempt in {1..40}; do
            sleep 0.05
            zpty -r -t z chunk && continue
            [[ -s ../offers ]] && break
        done
        sleep 0.2
        zpty -d z' zsh "$documents" "$1" >/dev/null 2>&1
    sed -n 's/^offer://p' ../offers | tr -d '\\'
}

for shell in bash fish zsh; do
    if ! command -v "$shell" >/dev/null; then
        echo "$shell is not installed: left out"
        continue
    fi
    expect $shell 'conv-cli ' apply kernel not show picture.png
    expect $shell 'conv-cli ap' apply not kernel
    expect $shell 'conv-cli kernel ' list show convert check not apply
    expect $shell 'conv-cli apply --bor' --border not --bias
    expect $shell 'conv-cli apply --border re' reflect reflect101 replicate not wrap
    expect $shell 'conv-cli apply --method ' gemm im2col naive not picture.png gaussian
    expect $shell 'conv-cli apply -k gau' gaussian not sobel
    expect $shell 'conv-cli apply -k ' gaussian picture.png 'two words.png'
    expect $shell 'conv-cli apply -k gaussian pic' picture.png not gaussian
    expect $shell 'conv-cli kernel show so' sobel not sharpen
    expect $shell 'conv-cli kernel convert sobel out.npy --to ' vips npy not picture.png
    expect $shell 'conv-cli apply --threads ' not picture.png gaussian
done
expect bash 'conv-cli apply --border=re' reflect101
expect bash 'conv-cli apply -k gaussian:sig' not picture.png
expect bash 'conv-cli apply -k gaussian:sigma=' not picture.png
exit $failed

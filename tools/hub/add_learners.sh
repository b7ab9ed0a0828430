#!/bin/sh
# Makes an account for each name in a file, as root:
#   sh tools/hub/add_learners.sh NAMES PASSWORDS [GROUP]
# Names and passwords of the new accounts are added to the file PASSWORDS. Nothing else is changed.
set -eu
names=${1:?name the file of names}
passwords=${2:?name the file for the passwords}
group=${3:-cgan-class}
export LC_ALL=C
umask 077

# Spreadsheets and editors begin a file with a mark, write two bytes for a letter, end lines with a
# carriage return, and leave the last line open. JupyterHub knows everyone by small letters.
[ -r "$names" ] || { echo "There is no file $names." >&2; exit 1; }
tr -d '\000\r\357\273\277\376\377' < "$names" | tr A-Z a-z | {
  left=0
  while read -r name || [ "$name" ]; do
    case $name in
      '') continue ;;
      -* | *[!a-z0-9._-]*)
        echo "not made: '$name': a name has a-z 0-9 . _ - alone" >&2
        left=1
        continue ;;
    esac
    if id -u "$name" > /dev/null 2>&1; then
      echo "$name is there already; if it may log in: usermod -aG $group $name" >&2
      continue
    fi
    password=$(openssl rand -base64 9)
    if useradd -m -s /bin/bash -G "$group" "$name" && echo "$name:$password" | chpasswd; then
      echo "$name $password" >> "$passwords"
    else
      echo "not made: '$name'" >&2  # and why, was said above
      left=1
    fi
  done
  exit $left
}

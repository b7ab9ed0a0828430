#!/bin/sh
# Lays out the folder of a class server, as root:  sh tools/hub/lay_out.sh TEACHER [GROUP [FOLDER]]
# Run it again after an update: it renews lessons and configuration and keeps everything else.
# What root runs must belong to root, so the hub's files are copied out of the repository.
set -eu
teacher=${1:?name the account of the teacher}
group=${2:-cgan-class}
place=${3:-/srv/cgan}
umask 022
id -u "$teacher" > /dev/null  # before anything is made; it says that there is no such account
case $place in /*) ;; *) place=$PWD/$place ;; esac
cd "$(dirname "$0")/../.."

# Copies one file. A server that starts meanwhile sees the old file or the new one, never half of it.
put() {
  install -D -m 644 "$1" "$2.new"
  mv "$2.new" "$2"
}

install -d -m 755 "$place" "$place/keras" "$place/keras/datasets" "$place/lessons"
install -d -m 700 "$place/state"
install -d -m 1777 "$place/exchange"  # sticky: only owners rename or remove what is in it
# nbgrader would make the next four with more rights for everybody. Pages of feedback have names that
# only their student can know. Learners can put things into inbound, and neither list nor remove them.
install -d -m 755 -o "$teacher" "$place/exchange/cgan_lab" "$place/exchange/cgan_lab/outbound"
install -d -m 711 -o "$teacher" "$place/exchange/cgan_lab/feedback"
install -d -m 3733 -o "$teacher" "$place/exchange/cgan_lab/inbound"

find tools/hub tools/labextensions -name __pycache__ -prune -o -type f -print | while read -r file; do
  put "$file" "$place/${file#tools/}"
done
put notebooks/assignments/nbgrader_config.py "$place/hub/everyone/course_config.py"
for lesson in notebooks/*.ipynb; do
  put "$lesson" "$place/lessons/${lesson##*/}"
done
chmod 644 "$place"/lessons/*.ipynb  # those that were put there by hand, too

if [ ! -e "$place/class.toml" ]; then
  printf 'teacher = "%s"\ngroup = "%s"\n' "$teacher" "$group" > "$place/class.toml"
fi

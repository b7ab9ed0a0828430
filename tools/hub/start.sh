#!/bin/sh
# Starts the server of one account. JupyterHub runs it as that account and never as root, which a
# link in somebody's home could lead elsewhere.
set -eu
hub=$(dirname "$0")
chmod 700 ~  # useradd leaves it open on some systems

# A file that is there stays, changed or not: nothing of a learner's work is ever replaced.
[ -d ~/lessons ] || export JUPYTERHUB_DEFAULT_URL=/lab/tree/lessons/00_start_here.ipynb
mkdir -p ~/lessons ~/assignments
for lesson in "$hub"/../lessons/*.ipynb; do
  own=~/lessons/${lesson##*/}
  if [ ! -e "$own" ] && [ ! -L "$own" ]; then
    cp "$lesson" ~/lessons/.new
    mv ~/lessons/.new "$own"
  fi
done

# For the kernels' sockets: a socket's path has at most 107 characters, and the usual folder takes 85.
export JUPYTER_RUNTIME_DIR="$HOME/.jupyter/run"
# The teacher has nbgrader's Formgrader and Create Assignment, a learner only the Assignment List.
if [ "$USER" = "$CGAN_TEACHER" ]; then
  mkdir -p ~/class
  export CGAN_CLASS="$HOME/class" JUPYTER_CONFIG_PATH="$hub/everyone"
else
  export JUPYTER_CONFIG_PATH="$hub/learner:$hub/everyone"
fi
exec jupyterhub-singleuser "$@"

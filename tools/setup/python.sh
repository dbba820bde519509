# Step 4: the private Python environment that generated programs run in. Wheels only, each checked by its hash.

python_env=$cache/python
python_lock=$GPIOT_ROOT/tools/python-requirements.lock

python_done() { [ -x "$python_env/bin/python3" ] && cmp -s "$python_lock" "$python_env/gpiot.lock"; }
python_plan() {
  echo "a private Python environment for the programs that gpiot writes: numpy, scipy, pandas, scikit-learn," \
    "PyWavelets, wfdb and what they need, pinned, from wheels"
}
python_cost() { echo "150 560 45"; }

python_run() {
  local remedy="check the network and pip's settings (pip config list)"
  if [ ! -x "$python_env/bin/pip" ]; then
    logged "making the Python environment" "rm -r $python_env" "$python" -m venv --clear "$python_env"
  fi
  # The lock decides, not the constraints file of this machine (if it is there at all).
  logged "installing the Python packages" "$remedy" env PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_PROGRESS_BAR=off \
    PIP_CONSTRAINT=/dev/null "$python_env/bin/python3" -m pip install --require-hashes --only-binary=:all: -r "$python_lock"
  logged "trying the Python packages" "rm -r $python_env" "$python_env/bin/python3" -c \
    "import numpy, scipy.signal, pandas, sklearn, pywt, wfdb"
  cp "$python_lock" "$python_env/gpiot.lock"
}

"""What every comparison with another tool needs: a fair environment for it, and a description of the machine."""

import datetime
import os
import pathlib
import platform
import re
import subprocess

PYTHON = "/usr/bin/python3"  # Debian's


def tools_environment():
    """One thread, and nothing that makes OpenBLAS take other kernels than it would choose for this processor."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OPENBLAS_", "OMP_"))}
    return kept | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def openblas_core():
    """The kernels that OpenBLAS chooses: "Haswell", "SkylakeX", ..."""
    ask = ("import ctypes; f = ctypes.CDLL('libopenblas.so.0').openblas_get_corename; f.restype = ctypes.c_char_p; "
           "print(f().decode())")
    return subprocess.run([PYTHON, "-c", ask], stdout=subprocess.PIPE, text=True, env=tools_environment(), check=True).stdout.strip()


def machine(packages):
    """The machine, the moment, and the versions of those Debian packages."""
    cpu = re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text())
    listed = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Version}\n", *packages], stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL, text=True, check=False).stdout
    return {"cpu": cpu[1] if cpu else platform.processor(), "cpus": os.cpu_count(), "load_average": os.getloadavg()[0],
            "system": platform.freedesktop_os_release()["PRETTY_NAME"],
            "time": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
            "openblas_core": openblas_core(), "packages": dict(line.split() for line in listed.splitlines())}

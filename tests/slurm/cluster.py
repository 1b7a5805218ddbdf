"""A Slurm of its own, for the time of a test run: munge, a controller and a node, all on this machine.

Everything lies in one folder below the system's temporary one, which goes when the cluster is stopped. Ports are free
ones. The daemons run as whoever runs the tests, under a parent that dies with the tests: nothing is left behind.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
DAEMONS = ("munged", "slurmctld", "slurmd")
CLIENTS = ("sbatch", "srun", "scontrol", "sinfo", "squeue", "scancel")
WHERE = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin", "/usr/local/sbin"])

NODE_CPUS = 8
"""More than there are, so that jobs of two tasks run on a machine with one core."""

CONFIGURATION = """\
ClusterName=groundtruth
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmdPort={node}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=5
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0,sched_min_interval=0
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
GresTypes=gpu
SlurmdParameters=config_overrides
FirstJobId={first}
ReturnToService=2
KillWait=2
CompleteWait=0
InactiveLimit=0
MailProg=/bin/true
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory=64000 Gres=gpu:2 State=UNKNOWN
PartitionName=cpu Nodes={host} Default=YES MaxTime=60 State=UP
PartitionName=gpu Nodes={host} MaxTime=INFINITE State=UP
"""


class SlurmError(RuntimeError):
    """A daemon or a command of Slurm failed; the message is the end of what it said."""


def missing() -> str:
    """Return what is not installed, as a sentence; empty where nothing is missing."""
    absent = [name for name in (*DAEMONS, *CLIENTS) if shutil.which(name, path=WHERE) is None]
    if not absent:
        return ""
    return f"no Slurm here: {', '.join(absent)} not found (apt install slurm-wlm munge)"


class Cluster:
    """A running Slurm; commands go through `run`, and `wait` sees a job to its end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("SLURM", "SBATCH", "MAKE"))  # a make in a job is nobody's child
        }
        self.environment |= {"SLURM_CONF": str(folder / "slurm.conf"), "PATH": WHERE}
        self.daemons: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start the daemons and wait until the node is idle.

        Raises:
            SlurmError: a daemon ended, or the node did not come up in half a minute.

        """
        host = socket.gethostname().split(".")[0]
        controller, node = free_ports(2)
        (self.folder / "slurm.conf").write_text(
            CONFIGURATION.format(
                host=host,
                controller=controller,
                node=node,
                user=_user(),
                folder=self.folder,
                first=secrets.randbelow(8000) + 1000,
                cpus=NODE_CPUS,
            )
        )
        for name in ("gpu0", "gpu1"):  # what Slurm gives away by name; nobody opens it
            (self.folder / name).touch()
        (self.folder / "gres.conf").write_text(f"NodeName={host} Name=gpu File={self.folder}/gpu[0-1]\n")
        (self.folder / "cgroup.conf").write_text(f"CgroupPlugin={_control_groups()}\n")
        key = self.folder / "munge.key"
        key.write_bytes(secrets.token_bytes(128))
        key.chmod(0o400)
        for name in ("state", "spool"):
            (self.folder / name).mkdir()
        self._daemon(
            "munged",
            "--foreground",
            "--force",
            f"--socket={self.folder}/munge.socket",
            f"--key-file={key}",
            f"--pid-file={self.folder}/munged.pid",
            f"--log-file={self.folder}/munged.log",
            f"--seed-file={self.folder}/munged.seed",
        )
        self._until((self.folder / "munge.socket").exists, "munged")
        self._daemon("slurmctld", "-D", "-c", "-f", str(self.folder / "slurm.conf"))
        self._daemon("slurmd", "-D", "-c", "-f", str(self.folder / "slurm.conf"), "-N", host)
        self._until(lambda: self._state() == "idle", "the node")

    def _state(self) -> str:
        asked = self.run("sinfo", "--noheader", "--partition=gpu", "--format=%t", check=False)
        return asked.stdout.strip()

    def _daemon(self, *command: str) -> None:
        said = (self.folder / f"{command[0]}.said").open("wb")
        found = shutil.which(command[0], path=WHERE)
        assert found
        guard = shutil.which("setpriv")  # should the tests themselves be killed, the daemon goes with them
        self.daemons.append(
            subprocess.Popen(
                [*([guard, "--pdeathsig", "KILL"] if guard else []), found, *command[1:]],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        )
        said.close()

    def _until(self, true, what: str, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while not true():
            ended = [daemon for daemon in self.daemons if daemon.poll() is not None]
            if ended or time.monotonic() > deadline:
                why = (
                    f"{DAEMONS[self.daemons.index(ended[0])]} ended"
                    if ended
                    else f"{what} did not come up in {seconds} s"
                )
                raise SlurmError(f"{why}\n{self.logs()}")
            time.sleep(0.1)

    def logs(self) -> str:
        """Return the ends of what the daemons wrote."""
        parts = []
        for path in sorted([*self.folder.glob("*.log"), *self.folder.glob("*.said")]):
            lines = path.read_text(errors="replace").splitlines()[-15:]
            parts.append("\n".join([f"--- {path.name}", *lines]))
        return "\n".join(parts)

    def stop(self) -> None:
        """End all jobs, then the daemons, node first; nothing is left running."""
        if any(daemon.poll() is None for daemon in self.daemons[1:]):
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.clear()
        for daemon in reversed(self.daemons):
            if daemon.poll() is None:
                daemon.terminate()
            try:
                daemon.wait(5)
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(daemon.pid, signal.SIGKILL)  # it leads a session of its own
                daemon.wait()

    def clear(self) -> None:
        """Cancel all jobs, and wait until they have gone."""
        user = f"--user={_user()}"
        self.run("scancel", "--full", "--signal=KILL", user, check=False, timeout=10)
        self.run("scancel", user, check=False, timeout=10)
        deadline = time.monotonic() + 10
        while self.run("squeue", "--noheader", check=False, timeout=10).stdout.strip():
            if time.monotonic() > deadline:
                break
            time.sleep(0.2)

    # --- commands ------------------------------------------------------------------------------------

    def run(
        self, *command: str, check: bool = True, timeout: float = 60, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of Slurm.

        Raises:
            SlurmError: it failed, and ``check`` is set.

        """
        ended = subprocess.run(
            command,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
            cwd=self.folder,
        )
        if check and ended.returncode:
            raise SlurmError(f"{' '.join(command)}:\n{ended.stdout}{ended.stderr}")
        return ended

    def job(self, number: int | str) -> dict[str, str]:
        """Return what Slurm knows of a job: ``JobState``, ``Restarts``, ``ExitCode`` …"""
        shown = self.run("scontrol", "--oneliner", "show", "job", str(number)).stdout.splitlines()
        return dict(part.split("=", 1) for part in shown[0].split() if "=" in part)

    def wait(self, number: int | str, seconds: float = 300) -> dict[str, str]:
        """Wait until a job has ended, and return what Slurm knows of it.

        Raises:
            SlurmError: it takes longer, or did not end with exit status 0.

        """
        deadline = time.monotonic() + seconds
        while True:
            job = self.job(number)
            if job["JobState"] not in ("PENDING", "RUNNING", "COMPLETING", "CONFIGURING", "REQUEUED"):
                break
            if time.monotonic() > deadline:
                raise SlurmError(f"job {number} still is {job['JobState']} after {seconds} s\n{self.logs()}")
            time.sleep(0.2)
        if job["JobState"] != "COMPLETED":
            said = Path(job["StdOut"])
            words = said.read_text(errors="replace") if said.is_file() else "(it wrote nothing)"
            raise SlurmError(f"job {number} ended as {job['JobState']}:\n{words[-3000:]}")
        return job


@contextlib.contextmanager
def running() -> Iterator[Cluster]:
    """Start a Slurm, and stop it whatever happens."""
    folder = Path(
        tempfile.mkdtemp(prefix="slurm-", dir="/tmp")
    )  # short: a socket's path has at most 107 letters
    folder.chmod(0o755)
    cluster = Cluster(folder)
    try:
        cluster.start()
        yield cluster
    finally:
        try:
            cluster.stop()
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def as_clone(folder: Path) -> Path:
    """Put the scripts into a folder, and an environment to activate: this one."""
    (folder / "slurm").symlink_to(ROOT / "slurm")
    activate = folder / ".venv" / "bin" / "activate"
    activate.parent.mkdir(parents=True)
    activate.write_text(
        f"export PATH={Path(sys.executable).parent}:$PATH\nexport PYTHONPATH={ROOT / 'src'}\n"
    )
    return folder


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def _control_groups() -> str:
    """Return the plugin that needs nothing of the machine: there is a name for none since Slurm 22.05."""
    version = subprocess.run(
        [shutil.which("slurmctld", path=WHERE) or "slurmctld", "-V"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()[-1]
    return "cgroup/v1" if tuple(map(int, version.split(".")[:2])) <= (22, 5) else "disabled"


def _user() -> str:
    import pwd

    return pwd.getpwuid(os.getuid()).pw_name


if __name__ == "__main__":  # try it: python tests/slurm/cluster.py srun -n2 hostname
    with running() as slurm:
        print(slurm.run(*sys.argv[1:]).stdout, end="")

"""Certificates of an authority of our own, by ``openssl``, for one day."""

import subprocess
from pathlib import Path


def make_certificates(directory: Path, host: str) -> None:
    """``ca.pem``, and of a server at this address and a client ``server.pem``, ``server.key``, ``client.pem``, ..."""
    openssl(directory, "req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=ca -keyout ca.key -out ca.pem")
    (directory / "names.ext").write_text(f"subjectAltName=IP:{host}\n")
    for name in ("server", "client"):
        openssl(directory, f"req -newkey rsa:2048 -nodes -subj /CN={name} -keyout {name}.key -out {name}.csr")
        openssl(
            directory,
            f"x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 1 -extfile names.ext "
            f"-out {name}.pem",
        )


def openssl(directory: Path, arguments: str) -> None:
    """Run it there."""
    done = subprocess.run(["openssl", *arguments.split()], cwd=directory, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

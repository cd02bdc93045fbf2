"""An authority, certificates and tokens in a folder, made as docs/security.md shows."""

import os
import secrets
import subprocess


class Authority:
    """`ca.pem` and, for each name, NAME.pem and NAME.key; tokens of the three roles, each also as NAME.token."""

    ROLES = {"alice": "submit", "farm": "work", "watcher": "read"}

    def __init__(self, folder):
        self.folder = folder
        os.umask(0o077)
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                     "-subj", "/CN=Authority", "-keyout", self.file("ca.key"), "-out", self.file("ca.pem"))
        tokens = {name: secrets.token_hex(32) for name in self.ROLES}
        self.file("tokens").write_text("".join(f"{name} {self.ROLES[name]} {tokens[name]}\n" for name in tokens))
        for name, token in tokens.items():
            self.file(f"{name}.token").write_text(token + "\n")

    def file(self, name):
        return self.folder / name

    def certify(self, name, alternatives):
        """`alternatives` as in "DNS:farm.example,IP:10.0.0.5"."""
        key, request = self.file(f"{name}.key"), self.file(f"{name}.csr")
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                     "-addext", f"subjectAltName={alternatives}", "-keyout", key, "-out", request)
        self.openssl("x509", "-req", "-in", request, "-CA", self.file("ca.pem"), "-CAkey", self.file("ca.key"),
                     "-CAcreateserial", "-copy_extensions", "copy", "-days", "2", "-out", self.file(f"{name}.pem"))

    def server_flags(self):
        """Nobody gets in without a certificate and a token."""
        return ["--tls-cert", self.file("server.pem"), "--tls-key", self.file("server.key"), "--tls-client-ca",
                self.file("ca.pem"), "--token-file", self.file("tokens")]

    def caller_flags(self, certificate, token):
        return ["--tls-ca", self.file("ca.pem"), "--tls-cert", self.file(f"{certificate}.pem"), "--tls-key",
                self.file(f"{certificate}.key"), "--token-file", self.file(f"{token}.token")]

    @staticmethod
    def openssl(*arguments):
        done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"openssl {arguments[0]}: {done.stderr}")

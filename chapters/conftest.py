"""Kernels of the notebook tests speak over Unix sockets: two that start at once over TCP may be given the same port."""

import os
import tempfile

import nbval.kernel
from jupyter_client.manager import KernelManager
from traitlets import default

if os.name == "posix":
    _sockets = tempfile.TemporaryDirectory()

    class UnixKernelManager(KernelManager):
        """A kernel manager whose sockets are files of a name that no other kernel has."""

        @default("transport")
        def _transport(self) -> str:
            return "ipc"

        @default("ip")
        def _ip(self) -> str:
            return os.path.join(_sockets.name, f"{id(self)}")

    nbval.kernel.KernelManager = UnixKernelManager

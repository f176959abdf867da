"""open_clip imports in a fresh process, whether torchvision is whole or not, and architectures register once."""

from __future__ import annotations

import subprocess
import sys


def test_the_models_import_in_a_fresh_process() -> None:
    code = (
        "import core.models.load, core.models.save, torchvision, timm; print(timm.is_model('vit_phantom_patch16_160'))"
    )
    done = subprocess.run([sys.executable, "-W", "error::RuntimeWarning", "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "True"


def test_importing_torchvision_before_the_guard_does_no_harm() -> None:
    code = (
        "try:\n import torchvision\nexcept RuntimeError:\n pass\n"
        "import sys\nfor name in [n for n in sys.modules if n.startswith('torchvision')]: del sys.modules[name]\n"
        "import core.models.torchvision_guard as guard\nprint(guard.open_clip.__name__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "open_clip"

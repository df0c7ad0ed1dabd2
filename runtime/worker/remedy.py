"""What to do about an exception that stopped the handler from loading."""

import os

# Modules whose package has another name, among those that handlers use most.
_PACKAGES = {
    "PIL": "pillow",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python-headless",
    "dateutil": "python-dateutil",
    "dotenv": "python-dotenv",
    "fitz": "pymupdf",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
}


def remedy_for(error: BaseException, root: str) -> str | None:
    match error:
        case ModuleNotFoundError() if error.name:
            return _add_dependency(error.name, root)
        case FileNotFoundError():
            return "Read model files relative to model_dir, which __init__(self, model_dir) receives."
        case SystemExit():
            return "Remove the call, or guard it with `if __name__ == '__main__':`."
    return None


def _add_dependency(module: str, root: str) -> str:
    top = module.partition(".")[0]
    package = _PACKAGES.get(top, top)
    file = "pyproject.toml" if os.path.exists(os.path.join(root, "pyproject.toml")) else "requirements.txt"
    return f"Add {package} to {file}. If {top} is a module of your own, put it beside the handler."

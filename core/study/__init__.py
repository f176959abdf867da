"""Studies on disk: one dataset, one model, its settings, in a folder that opens offline."""

from core.study.check import check_study
from core.study.read import Study, open_study
from core.study.write import StudyContents, write_study

__all__ = ["Study", "StudyContents", "check_study", "open_study", "write_study"]

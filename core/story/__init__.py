"""A story: views one after another, with a sentence each, to be shown and taken along."""

from core.story.story import Slide, Story, StoryError, read_story, story_of, story_text, write_story

__all__ = ["Slide", "Story", "StoryError", "read_story", "story_of", "story_text", "write_story"]

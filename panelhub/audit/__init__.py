"""The record of who did what, when and from where."""

from panelhub.audit.services import record

__all__ = ["record"]

"""Change sets of CloudFormation: what counts as a change."""

from ministack.services.cloudformation import changesets
from request_scope import replace


class _NothingButOutputs(list):
    """A change set without resource changes that is good all the same."""

    def __bool__(self):
        return True


def outputs_are_changes():
    """A template that differs in its outputs alone can be executed, and what it exports is there for other stacks. The
    emulator says that it contains no changes, so a stack that needs the new export cannot be updated.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html
    """

    def build_resolve(original):
        def resolve(template, *rest):
            return {**original(template, *rest), "Outputs": (template or {}).get("Outputs", {})}

        return resolve

    def build_diff(original):
        def diff(old, new, *rest):
            changes = original(old, new, *rest)
            return changes or (_NothingButOutputs() if old.get("Outputs") != new.get("Outputs") else changes)

        return diff

    replace(changesets, "_resolve_props_for_diff", build_resolve)
    replace(changesets, "_diff_resources", build_diff)

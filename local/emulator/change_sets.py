"""Change sets of CloudFormation: what counts as a change."""

from ministack.services import cloudformation
from ministack.services.cloudformation import changesets
from request_scope import replace


class _NothingButOutputs(list):
    """No resource changes, but taken for some while the emulator decides whether there is anything to do."""

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

    def build_answer(original):
        def answer(status, name, body):
            if name == "CreateChangeSetResponse":
                # decided: what is kept is a plain list, which is what can be saved
                for change_set in cloudformation._change_sets.values():
                    change_set["Changes"] = list(change_set["Changes"])
            return original(status, name, body)

        return answer

    replace(changesets, "_xml", build_answer)
    replace(changesets, "_resolve_props_for_diff", build_resolve)
    replace(changesets, "_diff_resources", build_diff)

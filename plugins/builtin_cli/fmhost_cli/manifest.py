"""What the CLI plugin offers: every command with its module, which is imported when it runs."""

from __future__ import annotations

from fmhost.plugin import Command, CommandGroup, Manifest

_GROUPS = {
    "add": "Create accounts, users, assets, sensors, data and schedules.",
    "show": "Show what the installation holds.",
    "edit": "Edit what the installation holds.",
    "delete": "Delete accounts, users, assets and sensors.",
    "forecasts": "See how good forecasts are.",
    "jobs": "Run and inspect the job queues.",
    "monitor": "Find out what did not happen.",
    "db": "Create and upgrade the database.",
    "db-ops": "Back up, restore and empty the whole database.",
}

_COMMANDS = {
    "add initial-structure": "Add the usual roles, asset types and data sources.",
    "add account-role": "Add a role that accounts can have.",
    "add account": "Add an account.",
    "add user": "Add a user to an account.",
    "add api-key": "Make a key with which a program uses the API.",
    "add asset-type": "Add an asset type.",
    "add asset": "Add an asset.",
    "add sensor": "Add a sensor to an asset.",
    "add source": "Add a data source.",
    "add toy-account": "Add an account with a battery and a market, to try things.",
    "add beliefs": "Load time series data from a CSV file.",
    "add forecasts": "Forecast sensors: from now on, or as it would have been in the past.",
    "add schedule": "Compute a schedule with any scheduler.",
    "add schedule for-storage": "Compute a schedule for a battery or another storage.",
    "show accounts": "List the accounts.",
    "show account": "Show an account, its users and its assets.",
    "show assets": "List the assets.",
    "show asset": "Show an asset and its sensors.",
    "show api-keys": "List the API keys.",
    "show asset-types": "List the asset types.",
    "show roles": "List the roles of accounts and of users.",
    "show data-sources": "List the data sources.",
    "show beliefs": "Plot time series data in the terminal, or write them to a file.",
    "show schedule": "Show a schedule, and why it is as it is.",
    "show schedulers": "List the schedulers that plugins bring, and where each is in use.",
    "show forecasters": "List the forecasters that plugins bring, and where each is in use.",
    "show reporters": "List the reporters that plugins bring.",
    "add automation": "Have a schedule or forecast recur.",
    "show automations": "List what recurs, and how its last run went.",
    "edit automation": "Change what recurs, or switch it on or off.",
    "delete automation": "Have something recur no more.",
    "edit attribute": "Set an attribute of assets, sensors or accounts.",
    "delete account": "Delete an account with its users, assets and their data.",
    "delete user": "Delete a user.",
    "delete api-key": "Revoke an API key.",
    "delete asset": "Delete an asset with its sensors and their data.",
    "delete sensor": "Delete sensors with their data.",
    "delete beliefs": "Delete time series data of assets, sensors or sources.",
    "delete measurements": "Delete measurements of sensors.",
    "delete prognoses": "Delete forecasts and schedules of sensors.",
    "delete unchanged-beliefs": "Delete beliefs that only repeat earlier ones.",
    "delete nan-beliefs": "Delete beliefs that say that there is no value.",
    "delete account-role": "Delete a role that accounts can have.",
    "delete structure": "Delete all assets, sources, roles and users.",
    "forecasts evaluate": "Find out how good forecasts of a sensor would have been.",
    "jobs run-worker": "Run the jobs of one or more queues until stopped.",
    "jobs show-queues": "Show how many jobs are in which queue.",
    "jobs clear-queue": "Take the waiting jobs out of a queue.",
    "jobs delete-queue": "Delete the jobs of a queue, and all that is known about them.",
    "jobs save-last": "Write the last jobs of a queue to a file.",
    "jobs inspect-job": "Show all that is known about a job.",
    "jobs run-job": "Run a job in this process, now.",
    "jobs requeue": "Queue jobs again that failed or were taken back.",
    "jobs cancel": "Take back a job that waits, or stop one that runs.",
    "jobs stats": "Show how many jobs came and went, and how long they took.",
    "monitor latest-run": "Check that tasks ran lately, and succeeded.",
    "monitor last-seen": "Check that users were in contact lately.",
    "monitor tasks": "Check that tasks ran lately (the old name of latest-run).",
    "db upgrade": "Create the tables, or upgrade them to the newest revision.",
    "db downgrade": "Go back to an earlier revision.",
    "db current": "Show the revision of the database.",
    "db heads": "Show the newest revision.",
    "db history": "List all revisions.",
    "db stamp": "Note that the database is at a revision, without changing it.",
    "db check": "See whether the tables are those that the program expects.",
    "db revision": "Write a new revision, for those who change the data model.",
    "db-ops dump": "Write a backup of all data.",
    "db-ops restore": "Replace everything in the database by a backup.",
    "db-ops reset": "Delete all data and make the tables anew.",
    "demo": "See it all at work: from nothing to an optimal battery schedule.",
}


def _target(path: str) -> str:
    """``add account-role`` is ``account_role`` in the module ``fmhost_cli.add.account_role``."""
    words = path.replace("-", "_").split()
    return f"fmhost_cli.{'.'.join([words[0], '_'.join(words[1:]) or 'command'])}:command"


manifest = Manifest(
    name="cli",
    groups=[CommandGroup(path, text) for path, text in _GROUPS.items()],
    commands=[Command(path, _target(path), text) for path, text in _COMMANDS.items()],
)

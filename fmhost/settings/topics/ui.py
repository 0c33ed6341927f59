"""User interface"""

from __future__ import annotations

from fmhost.settings.container_types import (
    BoundingBox,
    Dictionary,
    ListOf,
    NameForRoles,
    NamesForRoles,
)
from fmhost.settings.setting import Setting
from fmhost.settings.value_types import Boolean, Integer, OrNone, Text

_PAGE = OrNone(Text(example="https://example.org/page"))

SETTINGS = (
    Setting(
        "FLEXMEASURES_PLATFORM_NAME",
        NameForRoles(),
        "FlexMeasures",
        "Name in headings and in the menu. In a list, the first name that fits the account roles "
        "of the user applies.",
    ),
    Setting(
        "FLEXMEASURES_MENU_LOGO_PATH",
        Text(example="/static/logo.svg"),
        "",
        "URL, or path from the root of the server, of the logo in the menu.",
    ),
    Setting(
        "FLEXMEASURES_EXTRA_CSS_PATH",
        Text(example="/static/company.css"),
        "",
        "URL, or path from the root of the server, of a style sheet for all pages.",
    ),
    Setting(
        "FLEXMEASURES_ROOT_VIEW",
        NameForRoles(),
        [],
        "View that is shown at `/`. In a list, the first view that fits the account roles of the "
        "user applies. Empty: a plugin's view at `/`, else the dashboard.",
    ),
    Setting(
        "FLEXMEASURES_MENU_LISTED_VIEWS",
        NamesForRoles(),
        ["dashboard", "analytics", "portfolio", "assets", "users"],
        "Views in the menu, in this order, each for all or for some account roles. Views that do "
        "not exist are left out.",
        aliases=("FLEXMEASURES_LISTED_VIEWS",),
    ),
    Setting(
        "FLEXMEASURES_MENU_LISTED_VIEW_ICONS",
        Dictionary(Text(), example='{"freezer-view": "snowflake-o"}'),
        {},
        "Font Awesome icon of each view in the menu.",
    ),
    Setting(
        "FLEXMEASURES_MENU_LISTED_VIEW_TITLES",
        Dictionary(Text(), example='{"freezer-view": "Your freezer"}'),
        {},
        "Title of each view in the menu.",
        aliases=("FLEXMEASURES_LISTED_VIEW_TITLES",),
    ),
    Setting(
        "FLEXMEASURES_HIDE_NAN_IN_UI",
        Boolean(),
        False,
        "Whether tables leave a missing value empty instead of showing `nan`.",
    ),
    Setting(
        "RQ_DASHBOARD_POLL_INTERVAL",
        Integer(1, example="3000"),
        3000,
        "Time after which the page of job queues refreshes itself [ms].",
    ),
    Setting(
        "FLEXMEASURES_ASSET_TYPE_GROUPS",
        Dictionary(ListOf(), example='{"renewables": ["solar", "wind"]}'),
        {"renewables": ["solar", "wind"], "EVSE": ["one-way_evse", "two-way_evse"]},
        "Asset types that are shown as one group.",
    ),
    Setting(
        "FLEXMEASURES_JS_VERSIONS",
        Dictionary(Text(), example='{"vega": "5.22.1"}'),
        {"vega": "5.22.1", "vegaembed": "6.20.8", "vegalite": "5.2.0"},
        "Versions of the JavaScript libraries.",
    ),
    Setting(
        "FLEXMEASURES_JSONEDITOR_THEME",
        Text(example="bootstrap4"),
        "spectre",
        "Accepted for newer config files, without effect: our editor has the look of its page.",
    ),
    Setting(
        "FLEXMEASURES_DEFAULT_BOUNDING_BOX",
        BoundingBox(),
        ((54.0, 2.0), (50.732, 7.808)),
        "Part of the map that is shown where no asset has a location [° north, ° east].",
    ),
    Setting(
        "FMHOST_MAP_TILES",
        OrNone(Text(example="https://tiles.example.org/{z}/{x}/{y}.png")),
        None,
        "Where browsers get the pictures that maps are made of, with `{z}`, `{x}`, `{y}` and, "
        "where it takes one, `{token}` for `MAPBOX_ACCESS_TOKEN`. Without it, maps show an outline "
        "of the world that the server has itself.",
        from_environment=True,
    ),
    Setting(
        "FMHOST_MAP_ATTRIBUTION",
        Text(example="© OpenStreetMap contributors"),
        "",
        "Whose maps these are, as the terms of `FMHOST_MAP_TILES` want it to be said.",
        from_environment=True,
    ),
    Setting("FLEXMEASURES_SUPPORT_PAGE", _PAGE, None, "Link to a page that offers support."),
    Setting("FLEXMEASURES_SIGNUP_PAGE", _PAGE, None, "Link to a page where people sign up."),
    Setting("FLEXMEASURES_TOS_PAGE", _PAGE, None, "Link to the terms of service."),
)

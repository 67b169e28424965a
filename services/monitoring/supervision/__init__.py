"""Supervision beside the obligations: directives, proposed merges, and the plan's routine work; it must never judge.

directives, plan_duties ...   rules, pure        view_*   what the pages show        web_*   the doors
"""

"""Builds the package; all that is fixed stands in setup.cfg.

HOME_PAGE in the environment of the build is the address that the package names as its home page.
"""

import os

from setuptools import setup

home_page = os.environ.get("HOME_PAGE")
setup(project_urls={"Homepage": home_page} if home_page else {})

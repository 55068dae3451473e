"""Why has my BitShares withdrawal not arrived?"""

__version__ = "0.1.0"

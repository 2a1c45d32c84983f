"""How long texts of the CyberTipline may be, in UTF-16 code units.

Those in the first group are of the API's documentation; it names none for the second, where ours are generous.
"""

from typing import Final

PLATFORM: Final = 256
ESCALATE: Final = 3000
WHEN_WORDS: Final = 3000
URL: Final = 2083
ESP_ID: Final = 255
ESP_SERVICE: Final = 100
SCREEN_NAME: Final = 256
DISPLAY_NAME: Final = 255
FILE_NAME: Final = 2056
HASH: Final = 64
PAIR_NAME: Final = 64

EMAIL: Final = 254
"""Characters of an address that can be mailed to (RFC 5321, section 4.5.3.1.3, without the brackets)."""
PHONE: Final = 64
PLACE: Final = 255
DEVICE: Final = 255

"""The file types this stage knows by name: media types as IANA registers them, with the name endings that go along.

`application/octet-stream` (UNKNOWN) is everything else. Endings are generous: a type lists every ending under which
its files are honestly found (a .mov may hold an MP4, a .docx is a ZIP).
"""

from safelight.model.media import MediaKind, MediaType


def _image(mime: str, *suffixes: str) -> MediaType:
    return MediaType(MediaKind.IMAGE, mime, suffixes)


def _video(mime: str, *suffixes: str) -> MediaType:
    return MediaType(MediaKind.VIDEO, mime, suffixes)


def _archive(mime: str, *suffixes: str) -> MediaType:
    return MediaType(MediaKind.ARCHIVE, mime, suffixes)


def _other(mime: str, *suffixes: str) -> MediaType:
    return MediaType(MediaKind.OTHER, mime, suffixes)


UNKNOWN = _other("application/octet-stream")

JPEG = _image("image/jpeg", ".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".mpo")
PNG = _image("image/png", ".png")
APNG = _image("image/apng", ".apng", ".png")
WEBP = _image("image/webp", ".webp")
GIF = _image("image/gif", ".gif")
BMP = _image("image/bmp", ".bmp", ".dib")
TIFF = _image("image/tiff", ".tif", ".tiff", ".dng", ".nef", ".arw", ".cr2", ".pef", ".srw")
HEIC = _image("image/heic", ".heic", ".heif", ".hif", ".heics")
HEIF = _image("image/heif", ".heif", ".heic", ".hif", ".heifs")
AVIF = _image("image/avif", ".avif", ".avifs")
JXL = _image("image/jxl", ".jxl")
JP2 = _image("image/jp2", ".jp2", ".j2k", ".jpf", ".jpx", ".j2c", ".jpc")
PSD = _image("image/vnd.adobe.photoshop", ".psd", ".psb")
ICO = _image("image/vnd.microsoft.icon", ".ico", ".cur")
CR3 = _image("image/x-canon-cr3", ".cr3")
EXR = _image("image/x-exr", ".exr")
HDR = _image("image/vnd.radiance", ".hdr")
QOI = _image("image/qoi", ".qoi")
PNM = _image("image/x-portable-anymap", ".pbm", ".pgm", ".ppm", ".pnm", ".pam")
DDS = _image("image/vnd.ms-dds", ".dds")
JXR = _image("image/jxr", ".jxr", ".wdp", ".hdp")

_ISO_MEDIA = (".mp4", ".m4v", ".mov", ".qt", ".3gp", ".3g2", ".f4v")
MP4 = _video("video/mp4", *_ISO_MEDIA, ".mp4v", ".m4s", ".insv")
QUICKTIME = _video("video/quicktime", *_ISO_MEDIA)
THREEGPP = _video("video/3gpp", *_ISO_MEDIA, ".3gpp")
MATROSKA = _video("video/matroska", ".mkv", ".mka", ".mks", ".webm")
WEBM = _video("video/webm", ".webm", ".weba", ".mkv")
AVI = _video("video/vnd.avi", ".avi", ".divx")
MPEG_TS = _video("video/mp2t", ".ts", ".m2ts", ".mts", ".m2t", ".tsv", ".mpg", ".mpeg")
MPEG_PS = _video("video/mpeg", ".mpg", ".mpeg", ".vob", ".m2p", ".m1v", ".m2v", ".dat")
FLV = _video("video/x-flv", ".flv")
ASF = _video("video/x-ms-asf", ".wmv", ".asf", ".wma")
OGG_VIDEO = _video("video/ogg", ".ogv", ".ogg", ".ogx")
REALMEDIA = _video("application/vnd.rn-realmedia", ".rm", ".rmvb", ".ra")
MXF = _video("application/mxf", ".mxf")
NUT = _video("video/x-nut", ".nut")
IVF = _video("video/x-ivf", ".ivf")
Y4M = _video("video/x-yuv4mpeg", ".y4m")
H264 = _video("video/h264", ".h264", ".264", ".avc", ".26l")
H265 = _video("video/h265", ".h265", ".265", ".hevc")
AV1 = _video("video/av1", ".obu")
MPEG4_STREAM = _video("video/mp4v-es", ".m4v", ".mp4v")

_ZIPPED = (
    ".zip .zipx .jar .apk .xapk .ipa .docx .docm .xlsx .xlsm .pptx .pptm .odt .ods .odp .odg .epub .cbz .kmz .xpi .crx"
    " .whl .3mf .pages .numbers .key .sketch .ora .aar .war .ufdr"
)
ZIP = _archive("application/zip", *_ZIPPED.split())
TAR = _archive("application/x-tar", ".tar", ".cbt", ".ova")
GZIP = _archive("application/gzip", ".gz", ".tgz", ".svgz", ".taz")
XZ = _archive("application/x-xz", ".xz", ".txz")
ZSTD = _archive("application/zstd", ".zst", ".tzst", ".zstd")
BZIP2 = _archive("application/x-bzip2", ".bz2", ".tbz", ".tbz2")
SEVEN_ZIP = _archive("application/x-7z-compressed", ".7z", ".cb7")
RAR = _archive("application/vnd.rar", ".rar", ".cbr", ".rev", ".r00", ".r01")

PDF = _other("application/pdf", ".pdf", ".ai")
SVG = _other("image/svg+xml", ".svg")
SQLITE = _other("application/vnd.sqlite3", ".db", ".sqlite", ".sqlite3", ".db3")
OLE = _other("application/x-ole-storage", ".doc", ".xls", ".ppt", ".msg", ".msi", ".db")
RTF = _other("application/rtf", ".rtf", ".doc")
POSTSCRIPT = _other("application/postscript", ".ps", ".eps", ".ai")
HTML = _other("text/html", ".html", ".htm", ".xhtml")
XML = _other("text/xml", ".xml", ".xmp", ".plist", ".gpx", ".kml", ".rss", ".svg", ".xhtml")
OGG = _other("application/ogg", ".ogg", ".oga", ".opus", ".spx")
FLAC = _other("audio/flac", ".flac")
MP3 = _other("audio/mpeg", ".mp3")
M4A = _other("audio/mp4", ".m4a", ".m4b", ".m4p", ".mp4")
WAV = _other("audio/vnd.wave", ".wav")
EXE = _other("application/vnd.microsoft.portable-executable", ".exe", ".dll", ".scr", ".sys", ".com")
ELF = _other("application/x-elf", ".so", ".elf", ".o", ".bin")
CAB = _other("application/vnd.ms-cab-compressed", ".cab")
LZ4 = _other("application/x-lz4", ".lz4")
SWF = _other("application/vnd.adobe.flash.movie", ".swf")
FONT = _other("font/woff", ".woff", ".woff2")
CPIO = _other("application/x-cpio", ".cpio")
AR = _other("application/x-archive", ".a", ".deb", ".ar")

KNOWN: tuple[MediaType, ...] = tuple(value for value in globals().values() if isinstance(value, MediaType))

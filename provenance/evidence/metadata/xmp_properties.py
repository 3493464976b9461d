"""The XMP properties that are told (ISO 16684-1; IPTC Photo Metadata Standard 2023; Adobe XMP specification part 2)."""

from __future__ import annotations

from provenance.model.file_facts import Moment

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XML = "http://www.w3.org/XML/1998/namespace"

NAMESPACES = {
    "http://ns.adobe.com/xap/1.0/": "xmp",
    "http://ns.adobe.com/xap/1.0/mm/": "xmpMM",
    "http://ns.adobe.com/xap/1.0/rights/": "xmpRights",
    "http://ns.adobe.com/xap/1.0/sType/ResourceRef#": "stRef",
    "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#": "stEvt",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://ns.adobe.com/photoshop/1.0/": "photoshop",
    "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/": "Iptc4xmpCore",
    "http://iptc.org/std/Iptc4xmpExt/2008-02-29/": "Iptc4xmpExt",
    "http://ns.adobe.com/exif/1.0/": "exif",
    "http://ns.adobe.com/tiff/1.0/": "tiff",
    "http://ns.adobe.com/exif/1.0/aux/": "aux",
    "http://cipa.jp/exif/1.0/": "exifEX",
    "http://ns.adobe.com/camera-raw-settings/1.0/": "crs",
    "http://ns.useplus.org/ldf/xmp/1.0/": "plus",
    "http://ns.google.com/photos/1.0/camera/": "GCamera",
    "http://creativecommons.org/ns#": "cc",
}

SIMPLE = (
    "xmp:CreatorTool", "xmp:CreateDate", "xmp:ModifyDate", "xmp:MetadataDate", "xmp:Rating", "xmp:Label",
    "xmp:Nickname", "xmpMM:DocumentID", "xmpMM:InstanceID", "xmpMM:OriginalDocumentID", "xmpRights:Marked",
    "xmpRights:WebStatement", "xmpRights:UsageTerms", "dc:creator", "dc:title", "dc:description", "dc:rights",
    "dc:subject", "dc:source", "dc:date", "dc:format", "photoshop:DateCreated", "photoshop:Credit",
    "photoshop:Source", "photoshop:City", "photoshop:State", "photoshop:Country", "photoshop:Headline",
    "photoshop:Instructions", "photoshop:TransmissionReference", "photoshop:AuthorsPosition",
    "photoshop:CaptionWriter", "photoshop:Urgency", "photoshop:ICCProfile", "photoshop:DocumentAncestors",
    "Iptc4xmpCore:Location", "Iptc4xmpCore:CountryCode", "Iptc4xmpExt:DigitalSourceType", "Iptc4xmpExt:Event",
    "Iptc4xmpExt:PersonInImage", "Iptc4xmpExt:DigImageGUID", "exif:DateTimeOriginal", "exif:DateTimeDigitized",
    "exif:GPSLatitude", "exif:GPSLongitude", "exif:GPSTimeStamp", "exif:UserComment", "tiff:Make", "tiff:Model",
    "tiff:Software", "tiff:Artist", "tiff:DateTime", "tiff:Orientation", "aux:Lens", "aux:SerialNumber",
    "exifEX:LensModel", "exifEX:BodySerialNumber", "crs:RawFileName", "crs:HasCrop", "GCamera:SpecialTypeID",
    "xmpRights:Owner", "cc:license", "cc:attributionName",
)  # fmt: skip
"""Told in this order: texts, lists of texts and texts by language."""

REFERENCES = ("xmpMM:DerivedFrom", "xmpMM:Ingredients", "xmpMM:ManagedFrom")
"""References to other documents."""
REFERENCE_PARTS = (
    "stRef:documentID",
    "stRef:instanceID",
    "stRef:originalDocumentID",
    "stRef:filePath",
    "stRef:partMapping",
)
HISTORY = "xmpMM:History"
LAYERS = "photoshop:TextLayers"
LAYER_TEXT = "photoshop:LayerText"

DATES = {
    "exif:DateTimeOriginal": Moment.CAPTURED,
    "photoshop:DateCreated": Moment.CAPTURED,
    "exif:DateTimeDigitized": Moment.DIGITISED,
    "xmp:CreateDate": Moment.CREATED,
    "xmp:ModifyDate": Moment.MODIFIED,
    "xmp:MetadataDate": Moment.MODIFIED,
    "tiff:DateTime": Moment.MODIFIED,
    "exif:GPSTimeStamp": Moment.POSITIONED,
}
"""`dc:date` is not among them: it may be of any event in the life of the resource."""

"""Amazon S3: calls with types. Written by :mod:`generator.catalog.typed`; do not edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from generator.dsl.aws.call import call, unknown
from generator.dsl.expressions import Expr, Payload
from generator.dsl.integrations import Integration

__all__ = [
    "copy_object",
    "delete_object",
    "delete_objects",
    "get_object",
    "get_object_tagging",
    "head_object",
    "list_objects_v2",
    "put_object",
    "put_object_tagging",
    "restore_object",
]


def copy_object(
    *,
    Bucket: str | Expr,
    CopySource: str | Expr,
    Key: str | Expr,
    Acl: Literal[
        "private", "public-read", "public-read-write", "authenticated-read", "aws-exec-read", "bucket-owner-read",
        "bucket-owner-full-control"
    ] | Expr | None = None,
    CacheControl: str | Expr | None = None,
    ChecksumAlgorithm: Literal[
        "CRC32", "CRC32C", "SHA1", "SHA256", "CRC64NVME", "SHA512", "MD5", "XXHASH64", "XXHASH3", "XXHASH128"
    ] | Expr | None = None,
    ContentDisposition: str | Expr | None = None,
    ContentEncoding: str | Expr | None = None,
    ContentLanguage: str | Expr | None = None,
    ContentType: str | Expr | None = None,
    CopySourceIfMatch: str | Expr | None = None,
    CopySourceIfModifiedSince: str | datetime | Expr | None = None,
    CopySourceIfNoneMatch: str | Expr | None = None,
    CopySourceIfUnmodifiedSince: str | datetime | Expr | None = None,
    Expires: str | datetime | Expr | None = None,
    GrantFullControl: str | Expr | None = None,
    GrantRead: str | Expr | None = None,
    GrantReadACP: str | Expr | None = None,
    GrantWriteACP: str | Expr | None = None,
    IfMatch: str | Expr | None = None,
    IfNoneMatch: str | Expr | None = None,
    Metadata: Mapping[str, str | Expr] | Expr | None = None,
    MetadataDirective: Literal["COPY", "REPLACE"] | Expr | None = None,
    TaggingDirective: Literal["COPY", "REPLACE"] | Expr | None = None,
    AnnotationDirective: Literal["COPY", "EXCLUDE"] | Expr | None = None,
    ServerSideEncryption: Literal["AES256", "aws:fsx", "aws:backup", "aws:kms", "aws:kms:dsse"] | Expr | None = None,
    StorageClass: Literal[
        "STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER", "DEEP_ARCHIVE", "OUTPOSTS",
        "GLACIER_IR", "SNOW", "EXPRESS_ONEZONE", "FSX_OPENZFS", "FSX_ONTAP", "AWS_BACKUP_WARM", "AWS_BACKUP_LOW_COST_WARM"
    ] | Expr | None = None,
    WebsiteRedirectLocation: str | Expr | None = None,
    SseCustomerAlgorithm: str | Expr | None = None,
    SseCustomerKey: str | Expr | None = None,
    SseCustomerKeyMD5: str | Expr | None = None,
    SsekmsKeyId: str | Expr | None = None,
    SsekmsEncryptionContext: str | Expr | None = None,
    BucketKeyEnabled: bool | Expr | None = None,
    CopySourceSSECustomerAlgorithm: str | Expr | None = None,
    CopySourceSSECustomerKey: str | Expr | None = None,
    CopySourceSSECustomerKeyMD5: str | Expr | None = None,
    RequestPayer: Literal["requester"] | Expr | None = None,
    Tagging: str | Expr | None = None,
    ObjectLockMode: Literal["GOVERNANCE", "COMPLIANCE"] | Expr | None = None,
    ObjectLockRetainUntilDate: str | datetime | Expr | None = None,
    ObjectLockLegalHoldStatus: Literal["ON", "OFF"] | Expr | None = None,
    ObjectLockEventHold: Literal["ON", "OFF"] | Expr | None = None,
    ObjectLockEventHoldDurationDays: int | Expr | None = None,
    ObjectLockEventHoldDurationYears: int | Expr | None = None,
    ExpectedBucketOwner: str | Expr | None = None,
    ExpectedSourceBucketOwner: str | Expr | None = None,
) -> Integration:
    """Create a copy of an object that is already stored in Amazon S3.

    Resource: ``aws-sdk:s3:copyObject``.
    Result: ``CopyObjectResult``, ``Expiration``, ``CopySourceVersionId``, ``VersionId``, ``ServerSideEncryption``, ``SseCustomerAlgorithm``, ``SseCustomerKeyMD5``, ``SsekmsKeyId``, ….

    Args:
        Bucket: the name of the destination bucket.
        CopySource: specifies the source object for the copy operation.
        Key: the key of the destination object.
        Acl: the canned access control list (ACL) to apply to the object.
        CacheControl: specifies the caching behavior along the request/reply chain.
        ChecksumAlgorithm: indicates the algorithm that you want Amazon S3 to use to create the checksum for the object.
        ContentDisposition: specifies presentational information for the object.
        ContentEncoding: specifies what content encodings have been applied to the object and thus what decoding mechanisms must be …
        ContentLanguage: the language the content is in.
        ContentType: a standard MIME type that describes the format of the object data.
        CopySourceIfMatch: copies the object if its entity tag (ETag) matches the specified tag.
        CopySourceIfModifiedSince: copies the object if it has been modified since the specified time.
        CopySourceIfNoneMatch: copies the object if its entity tag (ETag) is different than the specified ETag.
        CopySourceIfUnmodifiedSince: copies the object if it hasn't been modified since the specified time.
        Expires: the date and time at which the object is no longer cacheable.
        GrantFullControl: gives the grantee READ, READ_ACP, and WRITE_ACP permissions on the object.
        GrantRead: allows grantee to read the object data and its metadata.
        GrantReadACP: allows grantee to read the object ACL.
        GrantWriteACP: allows grantee to write the ACL for the applicable object.
        IfMatch: copies the object if the entity tag (ETag) of the destination object matches the specified tag.
        IfNoneMatch: copies the object only if the object key name at the destination does not already exist in the bucket …
        Metadata: a map of metadata to store with the object in S3.
        MetadataDirective: specifies whether the metadata is copied from the source object or replaced with metadata that's provided …
        TaggingDirective: specifies whether the object tag-set is copied from the source object or replaced with the tag-set that's …
        AnnotationDirective: specifies whether you want to copy annotations from the source object or exclude them.
        ServerSideEncryption: the server-side encryption algorithm used when storing this object in Amazon S3.
        StorageClass: if the ``x-amz-storage-class`` header is not used, the copied object will be stored in the ``STANDARD`` …
        WebsiteRedirectLocation: if the destination bucket is configured as a website, redirects requests for this object copy to another …
        SseCustomerAlgorithm: specifies the algorithm to use when encrypting the object (for example, ``AES256``).
        SseCustomerKey: specifies the customer-provided encryption key for Amazon S3 to use in encrypting data.
        SseCustomerKeyMD5: specifies the 128-bit MD5 digest of the encryption key according to RFC 1321.
        SsekmsKeyId: specifies the KMS key ID (Key ID, Key ARN, or Key Alias) to use for object encryption.
        SsekmsEncryptionContext: specifies the Amazon Web Services KMS Encryption Context as an additional encryption context to use for the …
        BucketKeyEnabled: specifies whether Amazon S3 should use an S3 Bucket Key for object encryption with server-side encryption …
        CopySourceSSECustomerAlgorithm: specifies the algorithm to use when decrypting the source object (for example, ``AES256``).
        CopySourceSSECustomerKey: specifies the customer-provided encryption key for Amazon S3 to use to decrypt the source object.
        CopySourceSSECustomerKeyMD5: specifies the 128-bit MD5 digest of the encryption key according to RFC 1321.
        RequestPayer: see the reference.
        Tagging: the tag-set for the object copy in the destination bucket.
        ObjectLockMode: the Object Lock mode that you want to apply to the object copy.
        ObjectLockRetainUntilDate: the date and time when you want the Object Lock of the object copy to expire.
        ObjectLockLegalHoldStatus: specifies whether you want to apply a legal hold to the object copy.
        ObjectLockEventHold: the event hold status to apply to the object copy.
        ObjectLockEventHoldDurationDays: the event hold duration in days to apply to the object copy.
        ObjectLockEventHoldDurationYears: the event hold duration in years to apply to the object copy.
        ExpectedBucketOwner: the account ID of the expected destination bucket owner.
        ExpectedSourceBucketOwner: the account ID of the expected source bucket owner.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/s3/client/copy_object.html
    """
    return call("aws-sdk:s3:copyObject", locals())


def delete_object(
    *,
    Bucket: str | Expr,
    Key: str | Expr,
    Mfa: str | Expr | None = None,
    VersionId: str | Expr | None = None,
    RequestPayer: Literal["requester"] | Expr | None = None,
    BypassGovernanceRetention: bool | Expr | None = None,
    ExpectedBucketOwner: str | Expr | None = None,
    IfMatch: str | Expr | None = None,
    IfMatchLastModifiedTime: str | datetime | Expr | None = None,
    IfMatchSize: int | Expr | None = None,
) -> Integration:
    """Remove an object from a bucket.

    Resource: ``aws-sdk:s3:deleteObject``.
    Result: ``DeleteMarker``, ``VersionId``, ``RequestCharged``.

    Args:
        Bucket: the bucket name of the bucket containing the object.
        Key: key name of the object to delete.
        Mfa: the concatenation of the authentication device's serial number, a space, and the value that is displayed on …
        VersionId: version ID used to reference a specific version of the object.
        RequestPayer: see the reference.
        BypassGovernanceRetention: indicates whether S3 Object Lock should bypass Governance-mode restrictions to process this operation.
        ExpectedBucketOwner: the account ID of the expected bucket owner.
        IfMatch: deletes the object if the ETag (entity tag) value provided during the delete operation matches the ETag of …
        IfMatchLastModifiedTime: if present, the object is deleted only if its modification times matches the provided ``Timestamp``.
        IfMatchSize: if present, the object is deleted only if its size matches the provided size in bytes.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/s3/client/delete_object.html
    """
    return call("aws-sdk:s3:deleteObject", locals())


def delete_objects(
    *,
    Bucket: str | Expr,
    Delete: Mapping[str, Payload] | Expr,
    Mfa: str | Expr | None = None,
    RequestPayer: Literal["requester"] | Expr | None = None,
    BypassGovernanceRetention: bool | Expr | None = None,
    ExpectedBucketOwner: str | Expr | None = None,
    ChecksumAlgorithm: Literal[
        "CRC32", "CRC32C", "SHA1", "SHA256", "CRC64NVME", "SHA512", "MD5", "XXHASH64", "XXHASH3", "XXHASH128"
    ] | Expr | None = None,
) -> Integration:
    """Delete up to 1,000 objects of a bucket.

    Resource: ``aws-sdk:s3:deleteObjects``.
    Result: ``Deleted``, ``RequestCharged``, ``Errors``.

    Args:
        Bucket: the bucket name containing the objects to delete.
        Delete: container for the request.
        Mfa: the concatenation of the authentication device's serial number, a space, and the value that is displayed on …
        RequestPayer: see the reference.
        BypassGovernanceRetention: specifies whether you want to delete this object even if it has a Governance-type Object Lock in place.
        ExpectedBucketOwner: the account ID of the expected bucket owner.
        ChecksumAlgorithm: indicates the algorithm used to create the checksum for the object when you use the SDK.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/s3/client/delete_objects.html
    """
    return call("aws-sdk:s3:deleteObjects", locals())


def get_object(
    *,
    Bucket: str | Expr,
    Key: str | Expr,
    IfMatch: str | Expr | None = None,
    IfModifiedSince: str | datetime | Expr | None = None,
    IfNoneMatch: str | Expr | None = None,
    IfUnmodifiedSince: str | datetime | Expr | None = None,
    Range: str | Expr | None = None,
    ResponseCacheControl: str | Expr | None = None,
    ResponseContentDisposition: str | Expr | None = None,
    ResponseContentEncoding: str | Expr | None = None,
    ResponseContentLanguage: str | Expr | None = None,
    ResponseContentType: str | Expr | None = None,
    ResponseExpires: str | datetime | Expr | None = None,
    VersionId: str | Expr | None = None,
    SseCustomerAlgorithm: str | Expr | None = None,
    SseCustomerKey: str | Expr | None = None,
    SseCustomerKeyMD5: str | Expr | None = None,
    RequestPayer: Literal["requester"] | Expr | None = None,
    PartNumber: int | Expr | None = None,
    ExpectedBucketOwner: str | Expr | None = None,
    ChecksumMode: Literal["ENABLED"] | Expr | None = None,
) -> Integration:
    """Retrieve an object from Amazon S3.

    Resource: ``aws-sdk:s3:getObject``.
    Result: ``Body``, ``DeleteMarker``, ``AcceptRanges``, ``Expiration``, ``Restore``, ``LastModified``, ``ContentLength``, ``ETag``, ….

    Args:
        Bucket: the bucket name containing the object.
        Key: key of the object to get.
        IfMatch: return the object only if its entity tag (ETag) is the same as the one specified in this header; otherwise …
        IfModifiedSince: return the object only if it has been modified since the specified time; otherwise, return a …
        IfNoneMatch: return the object only if its entity tag (ETag) is different from the one specified in this header …
        IfUnmodifiedSince: return the object only if it has not been modified since the specified time; otherwise, return a …
        Range: downloads the specified byte range of an object.
        ResponseCacheControl: sets the ``Cache-Control`` header of the response.
        ResponseContentDisposition: sets the ``Content-Disposition`` header of the response.
        ResponseContentEncoding: sets the ``Content-Encoding`` header of the response.
        ResponseContentLanguage: sets the ``Content-Language`` header of the response.
        ResponseContentType: sets the ``Content-Type`` header of the response.
        ResponseExpires: sets the ``Expires`` header of the response.
        VersionId: version ID used to reference a specific version of the object.
        SseCustomerAlgorithm: specifies the algorithm to use when decrypting the object (for example, ``AES256``).
        SseCustomerKey: specifies the customer-provided encryption key that you originally provided for Amazon S3 to encrypt the …
        SseCustomerKeyMD5: specifies the 128-bit MD5 digest of the customer-provided encryption key according to RFC 1321.
        RequestPayer: see the reference.
        PartNumber: part number of the object being read.
        ExpectedBucketOwner: the account ID of the expected bucket owner.
        ChecksumMode: to retrieve the checksum, this mode must be enabled.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/s3/client/get_object.html
    """
    return call("aws-sdk:s3:getObject", locals())


def get_object_tagging(
    *,
    Bucket: str | Expr,
    Key: str | Expr,
    VersionId: str | Expr | None = None,
    ExpectedBucketOwner: str | Expr | None = None,
    RequestPayer: Literal["requester"] | Expr | None = None,
) -> Integration:
    """Read the tags of an object.

    Resource: ``aws-sdk:s3:getObjectTagging``.
    Result: ``VersionId``, ``TagSet``.

    Args:
        Bucket: the bucket name containing the object for which to get the tagging information.
        Key: object key for which to get the tagging information.
        VersionId: the versionId of the object for which to get the tagging information.
        ExpectedBucketOwner: the account ID of the expected bucket owner.
        RequestPayer: see the reference.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/s3/client/get_object_tagging.html
    """
    return call("aws-sdk:s3:getObjectTagging", locals())


def head_object(
    *,
    Bucket: str | Expr,
    Key: str | Expr,
    IfMatch: str | Expr | None = None,
    IfModifiedSince: str | datetime | Expr | None = None,
    IfNoneMatch: str | Expr | None = None,
    IfUnmodifiedSince: str | datetime | Expr | None = None,
    Range: str | Expr | None = None,
    ResponseCacheControl: str | Expr | None = None,
    ResponseContentDisposition: str | Expr | None = None,
    ResponseContentEncoding: str | Expr | None = None,
    ResponseContentLanguage: str | Expr | None = None,
    ResponseContentType: str | Expr | None = None,
    ResponseExpires: str | datetime | Expr | None = None,
    VersionId: str | Expr | None = None,
    SseCustomerAlgorithm: str | Expr | None = None,
    SseCustomerKey: str | Expr | None = None,
    SseCustomerKeyMD5: str | Expr | None = None,
    RequestPayer: Literal["requester"] | Expr | None = None,
    PartNumber: int | Expr | None = None,
    ExpectedBucketOwner: str | Expr | None = None,
    ChecksumMode: Literal["ENABLED"] | Expr | None = None,
) -> Integration:
    """Read the metadata of an object.

    Resource: ``aws-sdk:s3:headObject``.
    Result: ``DeleteMarker``, ``AcceptRanges``, ``Expiration``, ``Restore``, ``ArchiveStatus``, ``LastModified``, ``ContentLength``, ``ChecksumCRC32``, ….

    Args:
        Bucket: the name of the bucket that contains the object.
        Key: the object key.
        IfMatch: return the object only if its entity tag (ETag) is the same as the one specified; otherwise, return a 412 …
        IfModifiedSince: return the object only if it has been modified since the specified time; otherwise, return a 304 (not …
        IfNoneMatch: return the object only if its entity tag (ETag) is different from the one specified; otherwise, return a …
        IfUnmodifiedSince: return the object only if it has not been modified since the specified time; otherwise, return a 412 …
        Range: headObject returns only the metadata for an object.
        ResponseCacheControl: sets the ``Cache-Control`` header of the response.
        ResponseContentDisposition: sets the ``Content-Disposition`` header of the response.
        ResponseContentEncoding: sets the ``Content-Encoding`` header of the response.
        ResponseContentLanguage: sets the ``Content-Language`` header of the response.
        ResponseContentType: sets the ``Content-Type`` header of the response.
        ResponseExpires: sets the ``Expires`` header of the response.
        VersionId: version ID used to reference a specific version of the object.
        SseCustomerAlgorithm: specifies the algorithm to use when encrypting the object (for example, AES256).
        SseCustomerKey: specifies the customer-provided encryption key for Amazon S3 to use in encrypting data.
        SseCustomerKeyMD5: specifies the 128-bit MD5 digest of the encryption key according to RFC 1321.
        RequestPayer: see the reference.
        PartNumber: part number of the object being read.
        ExpectedBucketOwner: the account ID of the expected bucket owner.
        ChecksumMode: to retrieve the checksum, this parameter must be enabled.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/s3/client/head_object.html
    """
    return call("aws-sdk:s3:headObject", locals())


def list_objects_v2(
    *,
    Bucket: str | Expr,
    Delimiter: str | Expr | None = None,
    EncodingType: Literal["url"] | Expr | None = None,
    MaxKeys: int | Expr | None = None,
    Prefix: str | Expr | None = None,
    ContinuationToken: str | Expr | None = None,
    FetchOwner: bool | Expr | None = None,
    StartAfter: str | Expr | None = None,
    RequestPayer: Literal["requester"] | Expr | None = None,
    ExpectedBucketOwner: str | Expr | None = None,
    OptionalObjectAttributes: Sequence[Literal["RestoreStatus"] | Expr] | Expr | None = None,
) -> Integration:
    """Return some or all (up to 1,000) of the objects in a bucket with each request.

    Resource: ``aws-sdk:s3:listObjectsV2``.
    Result: ``IsTruncated``, ``Contents``, ``Name``, ``Prefix``, ``Delimiter``, ``MaxKeys``, ``CommonPrefixes``, ``EncodingType``, ….

    Args:
        Bucket: directory buckets - When you use this operation with a directory bucket, you must use virtual-hosted-style …
        Delimiter: a delimiter is a character that you use to group keys.
        EncodingType: encoding type used by Amazon S3 to encode the object keys in the response.
        MaxKeys: sets the maximum number of keys returned in the response.
        Prefix: limits the response to keys that begin with the specified prefix.
        ContinuationToken: ``ContinuationToken`` indicates to Amazon S3 that the list is being continued on this bucket with a token.
        FetchOwner: the owner field is not present in ``ListObjectsV2`` by default.
        StartAfter: startAfter is where you want Amazon S3 to start listing from.
        RequestPayer: confirms that the requester knows that she or he will be charged for the list objects request in V2 style.
        ExpectedBucketOwner: the account ID of the expected bucket owner.
        OptionalObjectAttributes: specifies the optional fields that you want returned in the response.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/s3/client/list_objects_v2.html
    """
    return call("aws-sdk:s3:listObjectsV2", locals())


def put_object(
    *,
    Bucket: str | Expr,
    Key: str | Expr,
    Acl: Literal[
        "private", "public-read", "public-read-write", "authenticated-read", "aws-exec-read", "bucket-owner-read",
        "bucket-owner-full-control"
    ] | Expr | None = None,
    Body: Payload | None = None,
    CacheControl: str | Expr | None = None,
    ContentDisposition: str | Expr | None = None,
    ContentEncoding: str | Expr | None = None,
    ContentLanguage: str | Expr | None = None,
    ContentLength: int | Expr | None = None,
    ContentMD5: str | Expr | None = None,
    ContentType: str | Expr | None = None,
    ChecksumAlgorithm: Literal[
        "CRC32", "CRC32C", "SHA1", "SHA256", "CRC64NVME", "SHA512", "MD5", "XXHASH64", "XXHASH3", "XXHASH128"
    ] | Expr | None = None,
    ChecksumCRC32: str | Expr | None = None,
    ChecksumCRC32C: str | Expr | None = None,
    ChecksumCRC64NVME: str | Expr | None = None,
    ChecksumSHA1: str | Expr | None = None,
    ChecksumSHA256: str | Expr | None = None,
    ChecksumSHA512: str | Expr | None = None,
    ChecksumMD5: str | Expr | None = None,
    ChecksumXXHASH64: str | Expr | None = None,
    ChecksumXXHASH3: str | Expr | None = None,
    ChecksumXXHASH128: str | Expr | None = None,
    Expires: str | datetime | Expr | None = None,
    IfMatch: str | Expr | None = None,
    IfNoneMatch: str | Expr | None = None,
    GrantFullControl: str | Expr | None = None,
    GrantRead: str | Expr | None = None,
    GrantReadACP: str | Expr | None = None,
    GrantWriteACP: str | Expr | None = None,
    WriteOffsetBytes: int | Expr | None = None,
    Metadata: Mapping[str, str | Expr] | Expr | None = None,
    ServerSideEncryption: Literal["AES256", "aws:fsx", "aws:backup", "aws:kms", "aws:kms:dsse"] | Expr | None = None,
    StorageClass: Literal[
        "STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER", "DEEP_ARCHIVE", "OUTPOSTS",
        "GLACIER_IR", "SNOW", "EXPRESS_ONEZONE", "FSX_OPENZFS", "FSX_ONTAP", "AWS_BACKUP_WARM", "AWS_BACKUP_LOW_COST_WARM"
    ] | Expr | None = None,
    WebsiteRedirectLocation: str | Expr | None = None,
    SseCustomerAlgorithm: str | Expr | None = None,
    SseCustomerKey: str | Expr | None = None,
    SseCustomerKeyMD5: str | Expr | None = None,
    SsekmsKeyId: str | Expr | None = None,
    SsekmsEncryptionContext: str | Expr | None = None,
    BucketKeyEnabled: bool | Expr | None = None,
    RequestPayer: Literal["requester"] | Expr | None = None,
    Tagging: str | Expr | None = None,
    ObjectLockMode: Literal["GOVERNANCE", "COMPLIANCE"] | Expr | None = None,
    ObjectLockRetainUntilDate: str | datetime | Expr | None = None,
    ObjectLockLegalHoldStatus: Literal["ON", "OFF"] | Expr | None = None,
    ObjectLockEventHold: Literal["ON", "OFF"] | Expr | None = None,
    ObjectLockEventHoldDurationDays: int | Expr | None = None,
    ObjectLockEventHoldDurationYears: int | Expr | None = None,
    ExpectedBucketOwner: str | Expr | None = None,
) -> Integration:
    """Write an object into a bucket.

    Resource: ``aws-sdk:s3:putObject``.
    Result: ``Expiration``, ``ETag``, ``ChecksumCRC32``, ``ChecksumCRC32C``, ``ChecksumCRC64NVME``, ``ChecksumSHA1``, ``ChecksumSHA256``, ``ChecksumSHA512``, ….

    Args:
        Bucket: the bucket name to which the PUT action was initiated.
        Key: object key for which the PUT action was initiated.
        Acl: the canned ACL to apply to the object.
        Body: object data.
        CacheControl: can be used to specify caching behavior along the request/reply chain.
        ContentDisposition: specifies presentational information for the object.
        ContentEncoding: specifies what content encodings have been applied to the object and thus what decoding mechanisms must be …
        ContentLanguage: the language the content is in.
        ContentLength: size of the body in bytes.
        ContentMD5: the Base64 encoded 128-bit ``MD5`` digest of the message (without the headers) according to RFC 1864.
        ContentType: a standard MIME type describing the format of the contents.
        ChecksumAlgorithm: indicates the algorithm used to create the checksum for the object when you use the SDK.
        ChecksumCRC32: this header can be used as a data integrity check to verify that the data received is the same data that …
        ChecksumCRC32C: this header can be used as a data integrity check to verify that the data received is the same data that …
        ChecksumCRC64NVME: this header can be used as a data integrity check to verify that the data received is the same data that …
        ChecksumSHA1: this header can be used as a data integrity check to verify that the data received is the same data that …
        ChecksumSHA256: this header can be used as a data integrity check to verify that the data received is the same data that …
        ChecksumSHA512: this header can be used as a data integrity check to verify that the data received is the same data that …
        ChecksumMD5: this header can be used as a data integrity check to verify that the data received is the same data that …
        ChecksumXXHASH64: this header can be used as a data integrity check to verify that the data received is the same data that …
        ChecksumXXHASH3: this header can be used as a data integrity check to verify that the data received is the same data that …
        ChecksumXXHASH128: this header can be used as a data integrity check to verify that the data received is the same data that …
        Expires: the date and time at which the object is no longer cacheable.
        IfMatch: uploads the object only if the ETag (entity tag) value provided during the WRITE operation matches the ETag …
        IfNoneMatch: uploads the object only if the object key name does not already exist in the bucket specified.
        GrantFullControl: gives the grantee READ, READ_ACP, and WRITE_ACP permissions on the object.
        GrantRead: allows grantee to read the object data and its metadata.
        GrantReadACP: allows grantee to read the object ACL.
        GrantWriteACP: allows grantee to write the ACL for the applicable object.
        WriteOffsetBytes: specifies the offset for appending data to existing objects in bytes.
        Metadata: a map of metadata to store with the object in S3.
        ServerSideEncryption: the server-side encryption algorithm that was used when you store this object in Amazon S3 or Amazon FSx.
        StorageClass: by default, Amazon S3 uses the STANDARD Storage Class to store newly created objects.
        WebsiteRedirectLocation: if the bucket is configured as a website, redirects requests for this object to another object in the same …
        SseCustomerAlgorithm: specifies the algorithm to use when encrypting the object (for example, ``AES256``).
        SseCustomerKey: specifies the customer-provided encryption key for Amazon S3 to use in encrypting data.
        SseCustomerKeyMD5: specifies the 128-bit MD5 digest of the encryption key according to RFC 1321.
        SsekmsKeyId: specifies the KMS key ID (Key ID, Key ARN, or Key Alias) to use for object encryption.
        SsekmsEncryptionContext: specifies the Amazon Web Services KMS Encryption Context as an additional encryption context to use for …
        BucketKeyEnabled: specifies whether Amazon S3 should use an S3 Bucket Key for object encryption with server-side encryption …
        RequestPayer: see the reference.
        Tagging: the tag-set for the object.
        ObjectLockMode: the Object Lock mode that you want to apply to this object.
        ObjectLockRetainUntilDate: the date and time when you want this object's Object Lock to expire.
        ObjectLockLegalHoldStatus: specifies whether a legal hold will be applied to this object.
        ObjectLockEventHold: specifies the event hold status to apply to this object.
        ObjectLockEventHoldDurationDays: specifies the event hold duration in days to apply to this object.
        ObjectLockEventHoldDurationYears: specifies the event hold duration in years to apply to this object.
        ExpectedBucketOwner: the account ID of the expected bucket owner.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/s3/client/put_object.html
    """
    return call("aws-sdk:s3:putObject", locals())


def put_object_tagging(
    *,
    Bucket: str | Expr,
    Key: str | Expr,
    Tagging: Mapping[str, Payload] | Expr,
    VersionId: str | Expr | None = None,
    ContentMD5: str | Expr | None = None,
    ChecksumAlgorithm: Literal[
        "CRC32", "CRC32C", "SHA1", "SHA256", "CRC64NVME", "SHA512", "MD5", "XXHASH64", "XXHASH3", "XXHASH128"
    ] | Expr | None = None,
    ExpectedBucketOwner: str | Expr | None = None,
    RequestPayer: Literal["requester"] | Expr | None = None,
) -> Integration:
    """Set the tags of an object.

    Resource: ``aws-sdk:s3:putObjectTagging``.
    Result: ``VersionId``.

    Args:
        Bucket: the bucket name containing the object.
        Key: name of the object key.
        Tagging: container for the ``TagSet`` and ``Tag`` elements.
        VersionId: the versionId of the object that the tag-set will be added to.
        ContentMD5: the MD5 hash for the request body.
        ChecksumAlgorithm: indicates the algorithm used to create the checksum for the object when you use the SDK.
        ExpectedBucketOwner: the account ID of the expected bucket owner.
        RequestPayer: confirms that the requester knows that she or he will be charged for the tagging object request.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/s3/client/put_object_tagging.html
    """
    return call("aws-sdk:s3:putObjectTagging", locals())


def restore_object(
    *,
    Bucket: str | Expr,
    Key: str | Expr,
    VersionId: str | Expr | None = None,
    RestoreRequest: Mapping[str, Payload] | Expr | None = None,
    RequestPayer: Literal["requester"] | Expr | None = None,
    ChecksumAlgorithm: Literal[
        "CRC32", "CRC32C", "SHA1", "SHA256", "CRC64NVME", "SHA512", "MD5", "XXHASH64", "XXHASH3", "XXHASH128"
    ] | Expr | None = None,
    ExpectedBucketOwner: str | Expr | None = None,
) -> Integration:
    """Restore an archived copy of an object.

    Resource: ``aws-sdk:s3:restoreObject``.
    Result: ``RequestCharged``, ``RestoreOutputPath``.

    Args:
        Bucket: the bucket name containing the object to restore.
        Key: object key for which the action was initiated.
        VersionId: versionId used to reference a specific version of the object.
        RestoreRequest: a value of the request.
        RequestPayer: see the reference.
        ChecksumAlgorithm: indicates the algorithm used to create the checksum for the object when you use the SDK.
        ExpectedBucketOwner: the account ID of the expected bucket owner.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/s3/client/restore_object.html
    """
    return call("aws-sdk:s3:restoreObject", locals())


if not TYPE_CHECKING:  # type checkers report the name themselves
    __getattr__ = unknown(__name__, __all__)

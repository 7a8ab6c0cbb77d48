"""The discovery document, which Google's own clients read before they call."""

from typing import Any, Final

_ENTRY: Final = {"type": "object", "properties": {"text": {"type": "string"}, "type": {"type": "string"}}}
_TEXT: Final = {"type": "string"}
_LANGUAGES: Final = {"type": "array", "items": _TEXT}


def discovery_document(root_url: str) -> dict[str, Any]:
    """Return the document for a server at `root_url`, which ends in a slash."""
    return {
        "kind": "discovery#restDescription",
        "discoveryVersion": "v1",
        "id": "commentanalyzer:v1alpha1",
        "name": "commentanalyzer",
        "version": "v1alpha1",
        "title": "Perspective Comment Analyzer API, answered by evenhand",
        "description": "Scores the likely effect of a comment on a conversation.",
        "protocol": "rest",
        "rootUrl": root_url,
        "servicePath": "",
        "baseUrl": root_url,
        "batchPath": "batch/commentanalyzer/v1alpha1",
        "parameters": _parameters(),
        "schemas": _schemas(),
        "resources": {
            "comments": {
                "methods": {
                    "analyze": _method("analyze", "AnalyzeCommentRequest", "AnalyzeCommentResponse"),
                    "suggestscore": _method(
                        "suggestscore", "SuggestCommentScoreRequest", "SuggestCommentScoreResponse"
                    ),
                }
            }
        },
    }


def _method(name: str, request: str, response: str) -> dict[str, Any]:
    path = f"v1alpha1/comments:{name}"
    return {
        "id": f"commentanalyzer.comments.{name}",
        "path": path,
        "flatPath": path,
        "httpMethod": "POST",
        "parameters": {},
        "parameterOrder": [],
        "request": {"$ref": request},
        "response": {"$ref": response},
    }


def _parameters() -> dict[str, Any]:
    text = {"type": "string", "location": "query"}
    return {
        "key": text,
        "access_token": text,
        "alt": {**text, "default": "json", "enum": ["json", "media", "proto"]},
        "callback": text,
        "fields": text,
        "oauth_token": text,
        "prettyPrint": {"type": "boolean", "location": "query", "default": "true"},
        "quotaUser": text,
        "uploadType": text,
        "upload_protocol": text,
        "$.xgafv": {**text, "enum": ["1", "2"]},
    }


def _schemas() -> dict[str, Any]:
    return {**_parts(), **_bodies()}


def _parts() -> dict[str, Any]:
    return {
        "TextEntry": {"id": "TextEntry", **_ENTRY},
        "Context": _object(
            "Context",
            entries={"type": "array", "items": {"$ref": "TextEntry"}},
            articleAndParentComment={"$ref": "ArticleAndParentComment"},
        ),
        "ArticleAndParentComment": _object(
            "ArticleAndParentComment", article={"$ref": "TextEntry"}, parentComment={"$ref": "TextEntry"}
        ),
        "AttributeParameters": _object(
            "AttributeParameters", scoreType=_TEXT, scoreThreshold={"type": "number", "format": "float"}
        ),
        "Score": _object("Score", value={"type": "number", "format": "float"}, type=_TEXT),
        "SpanScore": _object(
            "SpanScore",
            begin={"type": "integer", "format": "int32"},
            end={"type": "integer", "format": "int32"},
            score={"$ref": "Score"},
        ),
        "AttributeScores": _object(
            "AttributeScores",
            summaryScore={"$ref": "Score"},
            spanScores={"type": "array", "items": {"$ref": "SpanScore"}},
        ),
    }


def _bodies() -> dict[str, Any]:
    scores = {"type": "object", "additionalProperties": {"$ref": "AttributeScores"}}
    context = {"$ref": "Context"}
    return {
        "AnalyzeCommentRequest": _object(
            "AnalyzeCommentRequest",
            comment={"$ref": "TextEntry"},
            context=context,
            requestedAttributes={"type": "object", "additionalProperties": {"$ref": "AttributeParameters"}},
            spanAnnotations={"type": "boolean"},
            languages=_LANGUAGES,
            doNotStore={"type": "boolean"},
            dropUnsupportedAttributes={"type": "boolean"},
            clientToken=_TEXT,
            sessionId=_TEXT,
            communityId=_TEXT,
        ),
        "AnalyzeCommentResponse": _object(
            "AnalyzeCommentResponse",
            attributeScores=scores,
            languages=_LANGUAGES,
            detectedLanguages=_LANGUAGES,
            clientToken=_TEXT,
        ),
        "SuggestCommentScoreRequest": _object(
            "SuggestCommentScoreRequest",
            comment={"$ref": "TextEntry"},
            attributeScores=scores,
            context=context,
            languages=_LANGUAGES,
            communityId=_TEXT,
            clientToken=_TEXT,
            sessionId=_TEXT,
        ),
        "SuggestCommentScoreResponse": _object(
            "SuggestCommentScoreResponse",
            clientToken=_TEXT,
            detectedLanguages=_LANGUAGES,
            requestedLanguages=_LANGUAGES,
        ),
    }


def _object(name: str, **properties: Any) -> dict[str, Any]:
    return {"id": name, "type": "object", "properties": properties}

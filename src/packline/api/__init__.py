"""The REST face: OpenAPI at `/openapi.json`, problem details, pages by key, API keys, the event feed."""

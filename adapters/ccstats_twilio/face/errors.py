"""Twilio's error answers: https://www.twilio.com/docs/usage/twilios-response"""


class ApiError(Exception):
    """An answer with a status other than 200; without a code the body has neither `code` nor `more_info`."""

    def __init__(self, status: int, message: str, code: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code

    def body(self) -> dict[str, object]:
        """Return the body in Twilio's older error format."""
        body: dict[str, object] = {"message": self.message, "status": self.status}
        if self.code is not None:
            body["code"] = self.code
            body["more_info"] = f"https://www.twilio.com/docs/errors/{self.code}"
        return body


def bad_request(message: str) -> ApiError:
    """Return the answer to a request whose parameters cannot be used."""
    return ApiError(400, message, 20001)


def not_found(path: str) -> ApiError:
    """Return the answer to a request for something that the account does not have."""
    return ApiError(404, f"The requested resource {path} was not found", 20404)

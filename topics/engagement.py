"""Topic ``engagement``: who was sent, viewed or clicked which marketing material."""

from topics.fields import ClientId, Message, ThingId


class CampaignEvent(Message):
    """``campaign.delivered``, ``campaign.viewed`` and ``campaign.clicked``."""

    client_id: ClientId
    campaign_id: ThingId
    title: str | None = None
    channel: str | None = None

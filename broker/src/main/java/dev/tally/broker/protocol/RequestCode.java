package dev.tally.broker.protocol;

/**
 * Request codes of the protocol that this broker understands or sends.
 *
 * @since 0.1
 */
public final class RequestCode {

    public static final int SEND_MESSAGE = 10;
    public static final int PULL_MESSAGE = 11;
    public static final int QUERY_CONSUMER_OFFSET = 14;
    public static final int UPDATE_CONSUMER_OFFSET = 15;
    public static final int UPDATE_AND_CREATE_TOPIC = 17;
    public static final int SEARCH_OFFSET_BY_TIMESTAMP = 29;
    public static final int GET_MAX_OFFSET = 30;
    public static final int GET_MIN_OFFSET = 31;
    public static final int GET_EARLIEST_MESSAGE_STORE_TIME = 32;
    public static final int VIEW_MESSAGE_BY_ID = 33;
    public static final int HEART_BEAT = 34;
    public static final int UNREGISTER_CLIENT = 35;
    public static final int CONSUMER_SEND_MESSAGE_BACK = 36;
    public static final int END_TRANSACTION = 37;
    public static final int GET_CONSUMER_LIST_BY_GROUP = 38;
    public static final int CHECK_TRANSACTION_STATE = 39;
    public static final int NOTIFY_CONSUMER_IDS_CHANGED = 40;
    public static final int LOCK_BATCH_QUEUES = 41;
    public static final int UNLOCK_BATCH_QUEUES = 42;
    public static final int CHECK_CLIENT_CONFIG = 46;
    public static final int GET_ROUTE_BY_TOPIC = 105;
    public static final int GET_BROKER_CLUSTER_INFO = 106;
    public static final int UPDATE_AND_CREATE_SUBSCRIPTION_GROUP = 200;
    public static final int DELETE_SUBSCRIPTION_GROUP = 207;
    public static final int DELETE_TOPIC_IN_BROKER = 215;
    public static final int DELETE_TOPIC_IN_NAME_SERVER = 216;
    public static final int GET_ALL_TOPICS_FROM_NAME_SERVER = 206;
    public static final int GET_CONSUMER_RUNNING_INFO = 307;
    public static final int SEND_MESSAGE_V2 = 310;
    public static final int SEND_BATCH_MESSAGE = 320;
    public static final int GET_TOPIC_CONFIG = 351;
    public static final int LITE_PULL_MESSAGE = 361;
    public static final int RECALL_MESSAGE = 370;

    // Request and reply.
    public static final int SEND_REPLY_MESSAGE = 324;
    public static final int SEND_REPLY_MESSAGE_V2 = 325;
    public static final int PUSH_REPLY_MESSAGE_TO_CLIENT = 326;
    // Selecting messages: filters and look-ups.
    public static final int QUERY_MESSAGE = 12;

    private RequestCode() {}
}

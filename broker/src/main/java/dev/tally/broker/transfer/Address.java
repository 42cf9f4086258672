package dev.tally.broker.transfer;

/** Host and port of a server, {@code host:port}. */
record Address(String host, int port) {

    private static final int MOST = 65_535;

    static Address parse(String text) {
        int colon = text.lastIndexOf(':');
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            String host = text.substring(0, Math.max(0, colon)).replace("[", "").replace("]", "");
            if (!host.isBlank() && port > 0 && port <= MOST) {
                return new Address(host, port);
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(complaint(text), e);
        }
        throw new IllegalArgumentException(complaint(text));
    }

    private static String complaint(String text) {
        return "'" + text + "' is no address: HOST:PORT is wanted";
    }
}

package dev.tally.broker.admin;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The status as a page for people: what is nested becomes tables. It carries no scripts and loads nothing. */
final class StatusPage {

    static final String CONTENT_TYPE = "text/html; charset=utf-8";

    private static final int REFRESH_SECONDS = 10;

    private final StringBuilder out = new StringBuilder();

    private StatusPage() {}

    static String of(AdminView.Health health, Map<String, Object> status) {
        StatusPage page = new StatusPage();
        page.head(health);
        page.table(status);
        status.forEach((name, value) -> {
            if (value instanceof Map<?, ?> map) {
                page.section(name);
                page.table(map);
            } else if (value instanceof List<?> list && !list.isEmpty()) {
                page.section(name);
                page.rows(list);
            }
        });
        return page.out.append("</body></html>\n").toString();
    }

    private void head(AdminView.Health health) {
        out.append("<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Tally broker: ")
                .append(health)
                .append("</title><meta name=\"viewport\" content=\"width=device-width\"><meta http-equiv=\"refresh\"")
                .append(" content=\"")
                .append(REFRESH_SECONDS)
                .append("\"><style>body{font:14px/1.5 system-ui,sans-serif;margin:2em;max-width:70em}")
                .append("table{border-collapse:collapse}th,td{text-align:left;padding:.2em 1em .2em 0;")
                .append("border-bottom:1px solid #ddd;vertical-align:top;font-variant-numeric:tabular-nums}")
                .append("h2{margin-top:1.5em}.UP{color:#17701c}.REFUSING{color:#9a5b00}.DOWN{color:#b00020}</style>")
                .append("</head><body><h1>Tally broker: <span class=\"")
                .append(health)
                .append("\">")
                .append(health)
                .append("</span></h1><p><a href=\"/status\">JSON</a> · <a href=\"/metrics\">metrics</a> · ")
                .append("<a href=\"/health\">health</a></p>");
    }

    private void section(String name) {
        out.append("<h2>");
        text(name);
        out.append("</h2>");
    }

    /** The plain values of a map; what is nested has its own section. */
    private void table(Map<?, ?> map) {
        out.append("<table>");
        map.forEach((name, value) -> {
            if (!(value instanceof Map) && !(value instanceof List)) {
                out.append("<tr><th>");
                text(name);
                out.append("</th><td>");
                text(value);
                out.append("</td></tr>");
            }
        });
        out.append("</table>");
    }

    private void rows(List<?> rows) {
        Set<Object> columns = new LinkedHashSet<>();
        rows.forEach(row -> {
            if (row instanceof Map<?, ?> map) {
                columns.addAll(map.keySet());
            }
        });
        out.append("<table><tr>");
        columns.forEach(column -> {
            out.append("<th>");
            text(column);
            out.append("</th>");
        });
        out.append("</tr>");
        for (Object row : rows) {
            out.append("<tr>");
            columns.forEach(column -> {
                out.append("<td>");
                cell(row instanceof Map<?, ?> map ? map.get(column) : row);
                out.append("</td>");
            });
            out.append("</tr>");
        }
        out.append("</table>");
    }

    private void cell(@Nullable Object value) {
        if (value instanceof List<?> list) {
            for (int i = 0; i < list.size(); i++) {
                out.append(i == 0 ? "" : "<br>");
                cell(list.get(i));
            }
        } else if (value instanceof Map<?, ?> map) {
            boolean first = true;
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                text((first ? "" : ", ") + entry.getKey() + " " + entry.getValue());
                first = false;
            }
        } else {
            text(value == null ? "" : value);
        }
    }

    /** Names of topics and clients come from outside. */
    private void text(Object value) {
        String plain = String.valueOf(value);
        for (int i = 0; i < plain.length(); i++) {
            char c = plain.charAt(i);
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                default -> out.append(c);
            }
        }
    }
}

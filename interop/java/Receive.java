import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.cloudevents.CloudEvent;
import io.cloudevents.CloudEventData;
import io.cloudevents.http.HttpMessageFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.Executors;

/**
 * A subscriber with the Java SDK for CloudEvents: answers the handshake, and prints what the SDK understood of each event
 * as a line {"sink", "attributes", "data"} or {"sink", "id", "error"}. Ends with its standard input.
 */
public final class Receive {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Receive() {}

    public static void main(String[] arguments) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newFixedThreadPool(4));
        server.createContext("/", Receive::handle);
        server.start();
        print(JSON.createObjectNode().put("port", server.getAddress().getPort()));
        System.in.transferTo(java.io.OutputStream.nullOutputStream());
        System.exit(0);
    }

    private static void handle(HttpExchange exchange) throws IOException {
        if (exchange.getRequestMethod().equals("OPTIONS")) {
            exchange.getResponseHeaders().set("WebHook-Allowed-Origin", "*");
            exchange.getResponseHeaders().set("WebHook-Allowed-Rate", "*");
            exchange.getResponseHeaders().set("Allow", "POST, OPTIONS");
            exchange.sendResponseHeaders(200, -1);
        } else {
            byte[] body = exchange.getRequestBody().readAllBytes();
            ObjectNode line = JSON.createObjectNode().put("sink", exchange.getRequestURI().getPath().substring(1));
            try {
                understood(HttpMessageFactory.createReaderFromMultimap(exchange.getRequestHeaders(), body).toEvent(), line);
            } catch (RuntimeException error) {
                line.put("id", identity(exchange, body)).put("error", error.toString());
            }
            print(line);
            exchange.sendResponseHeaders(204, -1);
        }
        exchange.close();
    }

    private static void understood(CloudEvent event, ObjectNode line) throws IOException {
        ObjectNode attributes = line.putObject("attributes");
        Set<String> names = new LinkedHashSet<>(event.getAttributeNames());
        names.addAll(event.getExtensionNames());
        for (String name : names) {
            Object value = event.getAttributeNames().contains(name) ? event.getAttribute(name) : event.getExtension(name);
            if (value instanceof Integer number) {
                attributes.put(name, number);
            } else if (value instanceof Boolean flag) {
                attributes.put(name, flag);
            } else if (value != null) {
                attributes.put(name, value.toString());
            }
        }
        CloudEventData data = event.getData();
        if (data == null) {
            line.putNull("data");
        } else {
            line.putObject("data").put("base64", Base64.getEncoder().encodeToString(data.toBytes()));
        }
    }

    private static String identity(HttpExchange exchange, byte[] body) throws IOException {
        String header = exchange.getRequestHeaders().getFirst("ce-id");
        return header == null ? JSON.readTree(body).path("id").asText() : URLDecoder.decode(header.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static synchronized void print(JsonNode line) {
        System.out.println(line);
        System.out.flush();
    }
}

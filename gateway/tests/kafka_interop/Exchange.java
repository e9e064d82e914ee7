// What the CloudEvents SDK for Java makes of records, and what records it makes: the other side of kafka_interop.
//
//   java Exchange BROKERS TOPIC COUNT FOREIGN
//
// Prints COUNT events of TOPIC, one JSON object a line: "attributes" with their text, "data" in base64 or null. Then
// writes the events on standard input, in the same form but with typed attributes, to FOREIGN: all of them in binary
// mode, then all of them in structured mode.

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.core.message.Encoding;
import io.cloudevents.jackson.JsonFormat;
import io.cloudevents.kafka.CloudEventSerializer;
import io.cloudevents.kafka.KafkaMessageFactory;
import io.cloudevents.types.Time;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

public final class Exchange {
    private static final ObjectMapper JSON = new ObjectMapper();

    public static void main(String[] arguments) throws Exception {
        String brokers = arguments[0];
        read(brokers, arguments[1], Integer.parseInt(arguments[2]));
        List<CloudEvent> events = events();
        for (Encoding encoding : List.of(Encoding.BINARY, Encoding.STRUCTURED)) {
            write(brokers, arguments[3], encoding, events);
        }
    }

    private static void read(String brokers, String topic, int count) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        Map<String, Object> config = Map.of("bootstrap.servers", brokers);
        // Not its CloudEventDeserializer: the client of Kafka does not ask a deserializer about a null value, so an
        // event without data would not be seen.
        try (KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> all = List.of(new TopicPartition(topic, 0));
            consumer.assign(all);
            consumer.seekToBeginning(all);
            for (int seen = 0; seen < count; ) {
                for (var record : consumer.poll(Duration.ofSeconds(1))) {
                    out.println(JSON.writeValueAsString(shown(KafkaMessageFactory.createReader(record).toEvent())));
                    seen++;
                }
            }
        }
    }

    private static ObjectNode shown(CloudEvent event) {
        ObjectNode shown = JSON.createObjectNode();
        ObjectNode attributes = shown.putObject("attributes");
        for (String name : event.getAttributeNames()) {
            Object value = event.getAttribute(name);
            if (value != null && !name.equals("specversion")) {
                attributes.put(name, value instanceof OffsetDateTime time ? Time.writeTime(time) : value.toString());
            }
        }
        for (String name : event.getExtensionNames()) {
            attributes.put(name, event.getExtension(name).toString());
        }
        shown.put("data", event.getData() == null ? null : Base64.getEncoder().encodeToString(event.getData().toBytes()));
        return shown;
    }

    private static List<CloudEvent> events() throws Exception {
        List<CloudEvent> events = new ArrayList<>();
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = lines.readLine()) != null; ) {
            events.add(event(JSON.readTree(line)));
        }
        return events;
    }

    private static CloudEvent event(JsonNode line) {
        CloudEventBuilder event = CloudEventBuilder.v1();
        line.get("attributes").properties().forEach(attribute -> {
            String name = attribute.getKey();
            JsonNode value = attribute.getValue();
            switch (name) {
                case "id" -> event.withId(value.textValue());
                case "source" -> event.withSource(URI.create(value.textValue()));
                case "type" -> event.withType(value.textValue());
                case "subject" -> event.withSubject(value.textValue());
                case "time" -> event.withTime(OffsetDateTime.parse(value.textValue()));
                case "dataschema" -> event.withDataSchema(URI.create(value.textValue()));
                case "datacontenttype" -> event.withDataContentType(value.textValue());
                default -> {
                    if (value.isBoolean()) {
                        event.withExtension(name, value.booleanValue());
                    } else if (value.isInt()) {
                        event.withExtension(name, value.intValue());
                    } else {
                        event.withExtension(name, value.textValue());
                    }
                }
            }
        });
        if (!line.get("data").isNull()) {
            event.withData(Base64.getDecoder().decode(line.get("data").textValue()));
        }
        return event.build();
    }

    private static void write(String brokers, String topic, Encoding encoding, List<CloudEvent> events) throws Exception {
        Map<String, Object> config = new HashMap<>(Map.of("bootstrap.servers", brokers));
        CloudEventSerializer values = new CloudEventSerializer();
        Map<String, Object> mode = new HashMap<>(Map.of(CloudEventSerializer.ENCODING_CONFIG, encoding));
        mode.put(CloudEventSerializer.EVENT_FORMAT_CONFIG, JsonFormat.CONTENT_TYPE);
        values.configure(mode, false);
        try (KafkaProducer<String, CloudEvent> producer = new KafkaProducer<>(config, new StringSerializer(), values)) {
            for (CloudEvent event : events) {
                producer.send(new ProducerRecord<>(topic, 0, "key of " + event.getId(), event)).get();
            }
        }
    }
}

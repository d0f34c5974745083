package org.tfckpt.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs the benchmarks, and prints the time of Java as a ratio to that of the other sides.
 *
 * <pre>
 * java -Dtfckpt.bench.dir=DIR -Dtfckpt.bench.library=FILE [-Dtfckpt.bench.scale=0.1] -jar benchmarks.jar [JMH OPTIONS]
 * </pre>
 */
public final class Main {
    /** What reads into direct buffers may take longer than C does. */
    private static final double LIMIT = 1.05;

    private Main() {}

    /**
     * Runs them: 1 where a limit was crossed.
     *
     * @param args options of JMH
     */
    public static void main(String[] args) throws CommandLineOptionException, RunnerException {
        CommandLineOptions given = new CommandLineOptions(args);
        Options options = new OptionsBuilder()
                .parent(given)
                .forks(1)
                .measurementIterations(given.getMeasurementIterations().orElse(5))
                .shouldFailOnError(true)
                .verbosity(VerboseMode.NORMAL)
                .jvmArgsAppend(
                        "-Xmx4g",
                        "-XX:MaxDirectMemorySize=4g",
                        "-Dtfckpt.bench.dir=" + System.getProperty("tfckpt.bench.dir"),
                        "-Dtfckpt.bench.library=" + System.getProperty("tfckpt.bench.library"),
                        "-Dtfckpt.bench.scale=" + System.getProperty("tfckpt.bench.scale", "1"))
                .build();
        // The sides take turns, so that whatever else the machine does meets all of them.
        Map<String, Map<String, List<Double>>> cases = new LinkedHashMap<>();
        for (int i = 0; i < given.getForkCount().orElse(5); i++) {
            new Runner(options).run().forEach(result -> add(cases, result));
        }
        System.exit(print(cases) ? 0 : 1);
    }

    private static void add(Map<String, Map<String, List<Double>>> cases, RunResult result) {
        String[] parts = result.getParams().getBenchmark().replaceAll(".*\\.", "").split("_");
        List<Double> times = cases.computeIfAbsent(parts[0], any -> new TreeMap<>())
                .computeIfAbsent(parts[1], any -> new ArrayList<>());
        result.getBenchmarkResults().stream()
                .flatMap(run -> run.getIterationResults().stream())
                .forEach(iteration -> times.add(iteration.getPrimaryResult().getScore()));
    }

    private static boolean print(Map<String, Map<String, List<Double>>> cases) {
        System.out.printf("%-14s %-11s %30s   %s%n", "case", "side", "milliseconds", "Java by it");
        boolean passed = true;
        for (Map.Entry<String, Map<String, List<Double>>> one : cases.entrySet()) {
            List<Double> java = one.getValue().get("java");
            for (Map.Entry<String, List<Double>> side : one.getValue().entrySet()) {
                passed &= printSide(
                        one.getKey(), side.getKey(), sorted(side.getValue()), java == null ? null : sorted(java));
            }
        }
        return passed;
    }

    private static double[] sorted(List<Double> times) {
        return times.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    }

    private static boolean printSide(String name, String side, double[] times, double[] java) {
        double median = times[times.length / 2];
        String shown = String.format("%.1f (%.1f to %.1f)", median, times[0], times[times.length - 1]);
        if (java == null || side.equals("java")) {
            System.out.printf("%-14s %-11s %30s%n", name, side, shown);
            return true;
        }
        // What else the machine does makes rounds slower, and never quicker: the quickest are what
        // the work takes.
        double ratio = java[java.length / 2] / median;
        double best = java[0] / times[0];
        boolean limited = side.equals("c") && name.matches("read\\d+MiB");
        boolean passed = !limited || Math.min(ratio, best) <= LIMIT;
        String verdict = limited ? String.format(", limit %.2f%s", LIMIT, passed ? "" : ": FAILED") : "";
        System.out.printf("%-14s %-11s %30s   %.3f (quickest %.3f%s)%n", name, side, shown, ratio, best, verdict);
        return passed;
    }
}

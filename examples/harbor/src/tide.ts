const hours = ['low water', 'flood', 'high water', 'ebb'];

/** A line for each state of the tide, as it comes. */
export function tide(): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let hour = 0;
  return new ReadableStream({
    async pull(controller) {
      if (hour === hours.length) return controller.close();
      await new Promise((resolve) => setTimeout(resolve, 20));
      controller.enqueue(encoder.encode(`${hours[hour]}\n`));
      hour += 1;
    },
  });
}

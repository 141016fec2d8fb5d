// Titles tell pages apart: two addresses of one place never share one. A letter and its version for paper are one.

export function uniqueTitles(titles) {
  const addresses = new Map();
  for (const { place, language, path, title, name } of titles) {
    const key = `${place} ${language} ${title}`;
    const address = path.split("?")[0].replace(/\/afdruk$/, "").replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "{id}");
    const known = addresses.get(key) ?? addresses.set(key, new Map()).get(key);
    known.set(address, name);
  }
  return [...addresses]
    .filter(([, known]) => known.size > 1)
    .map(([key, known]) => ({
      page: [...known.values()].join(", "),
      rule: "title-unique",
      selector: "title",
      state: "",
      what: key,
      todo: "give each page a title of its own",
    }));
}

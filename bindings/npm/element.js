// The element <eigen-drift>: the page, or one picture of it, inside of another page.

/** The page that is shown where no attribute names one; the copy of this file that a site has beside its page names that. */
const PAGE = null;

export class EigenDrift extends HTMLElement {
  static observedAttributes = ["src", "link", "view", "height", "title"];
  #frame;
  #words;

  constructor() {
    super();
    this.#frame = document.createElement("iframe");
    this.#words = document.createElement("p");
    this.#frame.loading = "lazy";
    this.#frame.referrerPolicy = "no-referrer";
    this.#frame.allow = "clipboard-write; fullscreen";
    // Set one by one: a style sheet may be against the policy of the page around.
    for (const [name, value] of [["display", "block"], ["width", "100%"], ["border", "0"]]) this.#frame.style.setProperty(name, value);
    this.attachShadow({ mode: "open" });
  }

  connectedCallback() {
    if (!this.style.display) this.style.display = "block";
    this.#show();
  }

  attributeChangedCallback() {
    if (this.isConnected) this.#show();
  }

  /** The address of what is shown. Throws a sentence where the attributes name none. */
  get address() {
    const link = this.getAttribute("link") ?? "";
    const [before, hash = ""] = link.includes("#") ? link.split(/#(.*)/s) : ["", link];
    const page = this.getAttribute("src") || before || PAGE;
    if (!page) throw new Error('eigen-drift: name the page, as src="https://…/" or by a whole link from its button “Share link”');
    let address;
    try {
      address = new URL(page, document.baseURI);
    } catch {
      throw new Error(`eigen-drift: “${page}” is not the address of a page`);
    }
    if (!["http:", "https:"].includes(address.protocol)) {
      throw new Error(`eigen-drift: the page must be served by http or https, and “${page}” is not`);
    }
    const view = this.getAttribute("view");
    // What is named last counts.
    address.hash = [hash || "v=1", ...(view ? [`view=${encodeURIComponent(view)}`] : []), "embed=1"].join("&");
    return address.href;
  }

  #show() {
    const height = this.getAttribute("height");
    const pixels = /^\d+(\.\d+)?$/.test(height ?? "");
    this.#frame.style.setProperty("height", pixels ? `${height}px` : "auto");
    this.#frame.style.setProperty("aspect-ratio", pixels ? "auto" : this.hasAttribute("view") ? "16 / 10" : "4 / 3");
    this.#frame.title = this.getAttribute("title") || "Eigendrift: leading eigenvectors of a network's Hessian during training";
    try {
      const { address } = this;
      if (this.#frame.getAttribute("src") !== address) this.#frame.src = address;
      if (!this.#frame.isConnected) this.shadowRoot.replaceChildren(this.#frame);
    } catch (error) {
      this.#words.textContent = error.message;
      this.shadowRoot.replaceChildren(this.#words);
    }
  }
}

// A notebook loads this file once for each output.
if (!customElements.get("eigen-drift")) customElements.define("eigen-drift", EigenDrift);

// The door: a name and a password, and on to the desk.

import { logIn, whoIsLoggedIn } from "./api.js";

const byId = (id) => document.getElementById(id);

async function enter(event) {
  event.preventDefault();
  refuse(null);
  if (!byId("name").value || !byId("password").value) return refuse("请填写用户名和密码。");
  byId("enter").disabled = true;
  try {
    await logIn(byId("name").value, byId("password").value);
    goOn();
  } catch (refusal) {
    refuse(sentence(refusal));
    byId("password").value = "";
    byId("password").focus();
  } finally {
    byId("enter").disabled = false;
  }
}

// Only the query is taken along, never an address: nobody can be led elsewhere from here.
function goOn() {
  window.location.replace(`/${window.location.search}`);
}

function sentence({ status, message }) {
  if (status === 401 || status === 422) return "用户名或密码不对，请重新填写。";
  if (status === 429) return "尝试次数过多，请稍等几分钟再试。";
  return status === null ? message : "暂时不能登录，请稍后再试。";
}

function refuse(message) {
  byId("refusal").textContent = message ?? "";
  byId("refusal").hidden = message === null;
}

byId("door").addEventListener("submit", enter);
// A link from elsewhere does not carry the session: who has one already goes straight on.
whoIsLoggedIn().then(goOn, () => {});

// The words of the tasks. The model copies no others.
const list = (text) => text.split(" ");

export const names = list(
  "ada ana ben eva fay gus hal ian ida joe kim leo liz max mia nat pia ray sam tom uma vic wes zoe",
);
export const animals = list("bird cat dog fox frog pony");
export const colors = list("black blue brown green red white");
export const things = list("apples books cards coins pens shells");
export const places = list("beach farm lake park school shop");
export const words = list(
  "candle chair cloud forest garden lemon orange pencil piano river robot rocket silver stone tiger window",
);
